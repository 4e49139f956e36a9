"""What the C program tells (``-d -d``) of sockets and packets, with their addresses."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from catflap.address.rows import Role, Transport
from catflap.dropin.peer_words import of_path, of_peer, of_text
from catflap.dropin.proxy_words import proxy_lines
from catflap.relay.packets.mailbox import OnePacket
from catflap.relay.packets.senders import sender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.channel import Channel

__all__ = (
    "PACKETS",
    "accepting_lines",
    "arrival_line",
    "connected_lines",
    "descriptors_of",
    "first_packet_line",
    "local_line",
    "packet_refusal",
    "packet_start",
)


def descriptors_of(channel: Channel) -> tuple[int, int]:
    """Return what is read from and written to; a half without one counts as the other."""
    halves = (channel.reader, channel.writer)
    found = [half.descriptor if half is not None else -1 for half in halves]
    reader, writer = found
    return (reader if reader >= 0 else writer), (writer if writer >= 0 else reader)


def _of_name(address: object) -> str:
    """Return an address as the socket module gives it, in the C program's form."""
    if isinstance(address, (bytes, str)):
        return of_path(address)
    return of_peer(sender(address)) if address else of_path("")


def _name_of(channel: Channel) -> tuple[object, object]:
    """Return the addresses of a connected socket: ours and the peer's.

    Raises:
        OSError: it is no socket, or not connected.
    """
    half = channel.reader or channel.writer
    descriptor = half.descriptor if half is not None else -1
    with socket.socket(fileno=os.dup(descriptor)) as same:
        return same.getsockname(), same.getpeername()


PACKETS = frozenset({Transport.DTLS, Transport.UDP, Transport.UDPLITE})
"""What is listened for in packets; the C program calls all of it UDP."""


def accepting_lines(sock: socket.socket, peer: Peer) -> tuple[str, str]:
    """Return the notice of an accepted connection, and the information that it may stay."""
    shown = of_peer(peer)
    try:
        if sock.family == socket.AF_UNIX:
            shown = _of_name(sock.getpeername())
        local = _of_name(sock.getsockname())
    except OSError:
        local = of_path("")
    return (
        f"accepting connection from {shown} on {local}",
        f"permitting connection from {shown}",
    )


def connected_lines(channel: Channel, side: Side) -> Iterator[str]:
    """Yield what is told of a client's socket once it is open."""
    if side.kind.role is Role.DATAGRAM:
        if channel.local is not None:
            yield f"successfully prepared local socket {_of_local(channel.local)}"
        return
    if side.kind.role is not Role.CONNECT:
        return
    try:
        local, peer = _name_of(channel)
    except OSError:
        return
    if not side.kind.name.endswith("-CLIENT"):
        yield f"opening connection to {_of_name(peer)}"
    yield f"successfully connected from local address {_of_name(local)}"
    yield from proxy_lines(side)


def local_line(channel: Channel, side: Side) -> str:
    """Return what is told of a socket that sends packets, once bytes flow; or nothing."""
    if side.kind.role is not Role.DATAGRAM or channel.local is None:
        return ""
    return f"local address: {_of_local(channel.local)}"


def _of_local(local: Peer) -> str:
    if local.host in {"0.0.0.0", "::"}:  # noqa: S104 - compared with, not bound to
        host = f"[{local.host}]" if ":" in local.host else local.host
        return of_text(f"{host}:{local.port}")
    return of_peer(local)


def packet_start(side: Side, peer: Peer) -> str:
    """Return how the first packet of a peer is told, before it is judged; or nothing."""
    if side.kind.role is Role.RECEIVE:
        return f"receiving packet from {of_peer(peer)}"
    if side.kind.role is Role.LISTEN and side.kind.transport in PACKETS:
        return f"accepting UDP connection from {of_peer(peer)}"
    return ""


def packet_refusal(side: Side, peer: str) -> tuple[str, str]:
    """Return what is told before and after a packet is refused; nothing for connections."""
    shown = of_text(peer)
    if side.kind.role is Role.RECEIVE:
        return f"receiving packet from {shown}", ""
    if side.kind.role is Role.LISTEN and side.kind.transport in PACKETS:
        return (
            f"accepting UDP connection from {shown}",
            f"forbidding UDP connection from {shown}",
        )
    return "", ""


def first_packet_line(channel: Channel, peer: Peer) -> str:
    """Return what is told of the one packet that a session is about; or nothing."""
    reader: object = channel.reader
    if not isinstance(reader, OnePacket):
        return ""
    return f"received packet with {reader.size} bytes from {of_peer(peer)}"


def arrival_line(size: int, address: object) -> str:
    """Return what is told of each packet that comes by a socket of many senders."""
    return f"received packet with {size} bytes from {_of_name(address)}"
