"""SCTP and DCCP: connections as TCP's, by other protocols (RFC 9260, RFC 4340; sctp(7)).

Many kernels lack them; the message then says so. DCCP keeps packets apart, SCTP gives a stream
here as in the C program.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.core.errors import OperationError
from catflap.relay.openers.sockets import stream_channel
from catflap.relay.openers.tcp import TcpListener, TcpOpener
from catflap.relay.packets.halves import ConnectedHalf, packet_channel

if TYPE_CHECKING:
    from catflap.core.nouns import Peer
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Opening

__all__ = ("DccpListener", "DccpOpener", "SctpListener", "SctpOpener")

_FLAGS = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
_SOCK_DCCP = 6  # linux/net.h
_IPPROTO_DCCP = 33


def _make(name: str, family: int, kind: int, protocol: int) -> socket.socket:
    """Return a socket.

    Raises:
        OperationError: this kernel lacks the protocol.
    """
    try:
        return socket.socket(family, kind | _FLAGS, protocol)
    except OSError as error:
        message = f"this kernel has no {name}: {error.strerror}"
        hint = f"modprobe {name.lower()} loads it where it was built as a module"
        raise OperationError(message, hint) from error


class SctpOpener(TcpOpener):
    """Opens an SCTP association with one stream."""

    takes: ClassVar[frozenset[str]] = TcpOpener.takes - {"send-proxy", "via"}

    def _make(self, family: socket.AddressFamily) -> socket.socket:
        return _make("SCTP", family, socket.SOCK_STREAM, socket.IPPROTO_SCTP)

    def open_now(self, opening: Opening, *, data_waits: bool) -> Channel | None:
        """Connect by way of a task: an association takes four packets to set up."""
        del opening, data_waits
        return None

    async def _once(self, opening: Opening) -> Channel:
        return stream_channel(await self.connect(opening), self.target, self._ending)


class SctpListener(TcpListener):
    """Accepts SCTP associations."""

    takes: ClassVar[frozenset[str]] = TcpListener.takes - {"proxy-from"}

    def _make(self, family: socket.AddressFamily) -> socket.socket:
        return _make("SCTP", family, socket.SOCK_STREAM, socket.IPPROTO_SCTP)

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        self._setup.after(sock)
        return stream_channel(sock, str(peer), self._ending)


def _packets(sock: socket.socket, describe: str, ending: str) -> Channel:
    half = ConnectedHalf(sock, ending=ending, null_ends=True)
    channel = packet_channel(sock, half, half, describe)
    channel.tells_end = True
    return channel


class DccpOpener(SctpOpener):
    """Opens a DCCP connection."""

    def _make(self, family: socket.AddressFamily) -> socket.socket:
        return _make("DCCP", family, _SOCK_DCCP, _IPPROTO_DCCP)

    async def _once(self, opening: Opening) -> Channel:
        return _packets(await self.connect(opening), self.target, self._ending)


class DccpListener(SctpListener):
    """Accepts DCCP connections."""

    def _make(self, family: socket.AddressFamily) -> socket.socket:
        return _make("DCCP", family, _SOCK_DCCP, _IPPROTO_DCCP)

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        self._setup.after(sock)
        return _packets(sock, str(peer), self._ending)
