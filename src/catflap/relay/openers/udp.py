"""UDP and UDP-Lite towards somebody: CONNECT, SENDTO and DATAGRAM (udp(7), RFC 3828)."""

from __future__ import annotations

import errno
import random
import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.effective import Dialect
from catflap.bridge.side import split_host_port
from catflap.core.errors import OperationError
from catflap.relay.channel import Ending
from catflap.relay.ending import ending_of
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.addressing import (
    DATAGRAM_FLAGS,
    Destination,
    explain,
    lookup,
    protocol_of,
)
from catflap.relay.packets.bound import BoundOpener
from catflap.relay.packets.halves import ConnectedHalf, packet_channel
from catflap.relay.resolve import port_number
from catflap.relay.retry import RETRY_OPTIONS
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.relay.channel import Channel
    from catflap.relay.resolve import Target

__all__ = (
    "UDP_OPTIONS",
    "UdpConnector",
    "UdpDatagram",
    "UdpOpener",
    "UdpSender",
    "empty_ends",
    "null_ending",
)

UDP_OPTIONS = COMMON_OPTIONS | {
    "bind",
    "sourceport",
    "lowport",
    "protocol-family",
    "cloexec",
    "null-eof",
}
_LOW_PORTS = range(640, 1024)


def null_ending(side: Side) -> str:
    """Return how a UDP peer is told the end: since 1.8.1 the C program sends an empty packet."""
    return ending_of(side, Ending.NULL if side.dialect is Dialect.SOCAT else Ending.NONE)


def empty_ends(side: Side) -> bool:
    """Whether an empty packet of a peer with whom we talk is the end.

    The C program reads such packets as a stream, where nothing is the end.
    """
    return side.flag("null-eof", otherwise=side.dialect is Dialect.SOCAT).value


class _Towards:
    """What all kinds that go to a host and port share: the destination, and our own end."""

    def __init__(self, side: Side) -> None:
        host = side.host.value
        port = port_number(side, side.port.value, side.port.span, "udp")
        self.destination = Destination(side, host, port)
        self._side = side
        self._protocol = protocol_of(side)
        self._setup = SocketSetup(side)
        self._low = side.flag("lowport").value
        local_host, local_port = split_host_port(side.text("bind").value)
        self._local_host = local_host
        self._local_port = port_number(side, local_port, None, "udp") if local_port else 0
        shown = f"[{host}]" if ":" in host else host
        self.target = f"{shown}:{port}"

    def make(self, family: int, source_port: int = 0) -> socket.socket:
        """Return a socket of this family, bound where the address says so.

        Raises:
            OperationError: that cannot be.
        """
        try:
            sock = socket.socket(family, socket.SOCK_DGRAM | DATAGRAM_FLAGS, self._protocol)
        except OSError as error:
            raise explain(f"{self.target} cannot be reached", error) from error
        try:
            self._setup.before(sock)
            self._bind(sock, family, source_port or self._local_port)
        except OSError as error:
            sock.close()
            raise explain(f"{self.target} cannot be reached from here", error) from error
        except BaseException:
            sock.close()
            raise
        return sock

    def after(self, sock: socket.socket) -> None:
        """Apply the options that come once the socket is connected or ready."""
        self._setup.after(sock)

    def _bind(self, sock: socket.socket, family: int, port: int) -> None:
        if not (self._local_host or port or self._low):
            return
        host = self._local_host or ("::" if family == socket.AF_INET6 else "0.0.0.0")  # noqa: S104 - a client's own end
        _, address = lookup(self._side, host, port)
        if not self._low:
            sock.bind(address)
            return
        for low in random.sample(_LOW_PORTS, len(_LOW_PORTS)):
            try:
                sock.bind((address[0], low))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                raise
            return
        raise OSError(errno.EADDRINUSE, "no port below 1024 is free")


class UdpConnector:
    """Connects a UDP socket: what plain UDP and DTLS share."""

    takes: ClassVar[frozenset[str]] = UDP_OPTIONS | RETRY_OPTIONS

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the port is no service.
        """
        self._towards = _Towards(side)
        self._source = side.number("sourceport").value
        self.target = self._towards.target

    async def connect(self, opening: Opening) -> socket.socket:
        """Return a connected socket.

        Raises:
            OperationError: there is no way to the peer.
        """
        return self._connected(await self._towards.destination.find(opening))

    def connect_now(self) -> socket.socket | None:
        """Return a connected socket, or ``None`` when a name server has to be asked."""
        literal = self._towards.destination.literal
        return None if literal is None else self._connected(literal)

    def _connected(self, target: Target) -> socket.socket:
        family, address = target
        sock = self._towards.make(family, self._source)
        try:
            sock.connect(address)
            self._towards.after(sock)
        except OSError as error:
            sock.close()
            raise explain(f"{self.target} cannot be reached", error) from error
        except BaseException:
            sock.close()
            raise
        return sock

    def close(self) -> None:
        """Nothing is held between sessions."""


class UdpOpener(UdpConnector):
    """Opens a connected UDP socket: the kernel takes packets of that peer only."""

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the port is no service.
        """
        super().__init__(side)
        self._ending = null_ending(side)
        self._null_ends = empty_ends(side)
        self._gives_up = side.dialect is Dialect.SOCAT

    def open_now(self, opening: Opening, *, data_waits: bool) -> Channel | None:
        """Connect, which takes no waiting where the address is a number."""
        del opening, data_waits
        sock = self.connect_now()
        return None if sock is None else self._channel(sock)

    async def open(self, opening: Opening) -> Channel:
        """Connect."""
        return self._channel(await self.connect(opening))

    def _channel(self, sock: socket.socket) -> Channel:
        half = ConnectedHalf(
            sock, ending=self._ending, null_ends=self._null_ends, gives_up=self._gives_up
        )
        return packet_channel(sock, half, half, self.target)


class UdpDatagram(BoundOpener):
    """Sends to one address, which may be a group or a broadcast one, and takes from anybody."""

    takes: ClassVar[frozenset[str]] = UDP_OPTIONS | {"range"}

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the port is no service.
        """
        super().__init__(side)
        self._towards = _Towards(side)
        self._family = 0
        self.target = self._towards.target
        self.ending = ending_of(side, Ending.NONE)

    def make(self) -> list[socket.socket]:
        """Return a socket, bound where the address says so."""
        sock = self._towards.make(self._family, self._source_port())
        try:
            self._towards.after(sock)
        except OperationError:
            sock.close()
            raise
        return [sock]

    def _source_port(self) -> int:
        """Here ``sourceport`` is what answers must come from; ``bind`` says our own port."""
        return 0

    async def destination(self, opening: Opening) -> object:
        """Return the address that packets go to."""
        self._family, address = await self._towards.destination.find(opening)
        return address


class UdpSender(UdpDatagram):
    """Sends to one peer and takes only its answers."""

    takes: ClassVar[frozenset[str]] = UDP_OPTIONS

    def answers_only(self) -> bool:
        """Others than the peer are not heard."""
        return True

    def _source_port(self) -> int:
        return self.side.number("sourceport").value
