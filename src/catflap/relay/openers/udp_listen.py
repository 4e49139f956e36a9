"""UDP and UDP-Lite, waiting: LISTEN, RECVFROM and RECV, on loopback unless told otherwise."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.side import split_host_port
from catflap.core.errors import OperationError
from catflap.relay.channel import Ending
from catflap.relay.ending import ending_of
from catflap.relay.openers.udp import UDP_OPTIONS, empty_ends, null_ending
from catflap.relay.packets.addressing import bind_listener, explain, lookup, protocol_of
from catflap.relay.packets.bound import BoundOpener
from catflap.relay.packets.listener import PRIVILEGES, PacketListener
from catflap.relay.resolve import port_number
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("UdpBinder", "UdpListener", "UdpReader", "UdpReceiver")

_WAITING = UDP_OPTIONS | PRIVILEGES | {"range", "fork", "max-children", "accept-timeout"}
_ROOM = (socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
"""Room for a burst of all peers together; the kernel gives at most net.core.rmem_max."""


def _bind_all(side: Side, setup: SocketSetup, notes: list[str]) -> list[socket.socket]:
    """Return a socket for each address that is listened on, all on one port.

    Raises:
        OperationError: one is taken, or may not be used.
    """
    hosts = side.bind_hosts
    _, text = split_host_port(side.text("bind").value)
    port = port_number(side, text or side.port.value, None if text else side.port.span, "udp")
    sockets: list[socket.socket] = []
    try:
        for host in hosts.value:
            try:
                target = lookup(side, host, port)
                kind = socket.SOCK_DGRAM
                sock = bind_listener(side, target, kind, protocol_of(side), setup)
            except OSError as error:
                absent = error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
                if absent and not hosts.is_said and ":" in host:
                    notes.append(f"{host} is not there; listening without it")
                    continue
                shown = f"[{host}]" if ":" in host else host
                raise explain(f"{shown}:{port} cannot be listened on", error) from error
            sockets.append(sock)
            port = port or sock.getsockname()[1]
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    if not sockets:
        message = f"none of {', '.join(hosts.value)} can be listened on"
        raise OperationError(message, "bind=ADDRESS names another")
    return sockets


class UdpBinder(PacketListener):
    """Binds UDP sockets: what all that waits for UDP packets shares."""

    takes: ClassVar[frozenset[str]] = _WAITING

    def __init__(self, side: Side, *, one_packet: bool, ending: str = Ending.NONE) -> None:
        """Read the address.

        Raises:
            UsageError: the port is no service.
        """
        super().__init__(side, one_packet=one_packet, ending=ending)
        port_number(side, side.port.value, side.port.span, "udp")
        self._setup = SocketSetup(side, (_ROOM,))

    def open(self) -> None:
        """Bind every address on one port.

        Raises:
            OperationError: one is taken, or may not be used.
        """
        self.sockets = _bind_all(self.side, self._setup, self.notes)


class UdpListener(UdpBinder):
    """Talks with each peer that sends a packet, one session a peer."""

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side, one_packet=False, ending=null_ending(side))
        self.null_ends = empty_ends(side)


class UdpReceiver(UdpBinder):
    """Takes packets one by one, each a session that may answer its sender."""

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side, one_packet=True, ending=ending_of(side, Ending.NONE))


class UdpReader(BoundOpener):
    """Takes packets of any sender that the guard admits, and answers nobody."""

    takes: ClassVar[frozenset[str]] = _WAITING - {"fork", "max-children", "accept-timeout"}

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the port is no service.
        """
        super().__init__(side)
        port_number(side, side.port.value, side.port.span, "udp")
        self._setup = SocketSetup(side, (_ROOM,))

    def make(self) -> list[socket.socket]:
        """Return sockets bound to all addresses, on one port."""
        return _bind_all(self.side, self._setup, self.notes)
