"""Raw IP: packets of a protocol by its number, for root or CAP_NET_RAW (raw(7)).

Over IPv4 the kernel hands the IP header over with each packet; it is taken off here, as the C
program does, and the kernel puts one before what is sent.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import ParameterType
from catflap.core.units import parse_integer
from catflap.relay.channel import PACKETS_END, Ending
from catflap.relay.ending import ending_of
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.addressing import (
    DATAGRAM_FLAGS,
    Destination,
    bind_listener,
    explain,
    lookup,
)
from catflap.relay.packets.bound import BoundOpener
from catflap.relay.packets.halves import PacketReader
from catflap.relay.packets.listener import PRIVILEGES, PacketListener
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side

__all__ = ("RawDatagram", "RawReader", "RawReceiver", "RawSender", "without_header")

_OPTIONS = COMMON_OPTIONS | {"bind", "protocol-family", "cloexec", "null-eof"}
_WAITING = _OPTIONS | PRIVILEGES | {"range"}
_LEAST_HEADER = 20


def without_header(packet: bytes | memoryview) -> int:
    """Return where the payload of an IPv4 packet begins (RFC 791, section 3.1: IHL)."""
    if len(packet) < _LEAST_HEADER or packet[0] >> 4 != 4:
        return 0
    return min((packet[0] & 15) * 4, len(packet))


class _PayloadReader(PacketReader):
    """Takes packets without their IPv4 headers."""

    __slots__ = ()

    def read_into(self, buffer: memoryview) -> int:
        """Read the next packet's payload."""
        count = super().read_into(buffer)
        if count <= 0:
            return count
        start = without_header(buffer[:count])
        buffer[: count - start] = bytes(buffer[start:count])
        if count == start and self._null_ends:
            return PACKETS_END
        return count - start


def _protocol(side: Side) -> int:
    return parse_integer(side.parameter(ParameterType.NUMBER))


class RawDatagram(BoundOpener):
    """Sends packets to one host or group, and takes them from any."""

    takes: ClassVar[frozenset[str]] = _OPTIONS | {"range"}

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side, has_ports=False)
        host = side.host.value
        self._protocol = _protocol(side)
        self._destination = Destination(side, host, 0)
        self._family = socket.AF_INET
        self._setup = SocketSetup(side)
        self.target = f"{host} protocol {self._protocol}"
        self.ending = ending_of(side, Ending.NONE)

    def make(self) -> list[socket.socket]:
        """Return a raw socket, bound where ``bind`` says so."""
        what = f"{self.target} cannot be reached"
        try:
            kind = socket.SOCK_RAW | DATAGRAM_FLAGS
            sock = socket.socket(self._family, kind, self._protocol)
        except OSError as error:
            raise explain(what, error) from error
        try:
            self._setup.before(sock)
            host = self.side.text("bind").value
            if host:
                sock.bind(lookup(self.side, host.strip("[]"), 0)[1])
            self._setup.after(sock)
        except OSError as error:
            sock.close()
            raise explain(what, error) from error
        except BaseException:
            sock.close()
            raise
        return [sock]

    async def destination(self, opening: Opening) -> object:
        """Return the host that packets go to."""
        self._family, address = await self._destination.find(opening)
        return address

    def reader(self, sock: socket.socket, accepts: Callable[[object], bool] | None) -> PacketReader:
        """Return a half that takes the header off where the kernel leaves it."""
        kind = _PayloadReader if sock.family == socket.AF_INET else PacketReader
        return kind(sock, accepts, null_ends=self._null_ends)


class RawSender(RawDatagram):
    """Sends packets to one host and takes only its answers."""

    takes: ClassVar[frozenset[str]] = _OPTIONS

    def answers_only(self) -> bool:
        """Others than the peer are not heard."""
        return True


def _bind(side: Side, setup: SocketSetup) -> list[socket.socket]:
    """Return a raw socket for each version of IP that the address is not held from.

    Raises:
        OperationError: it cannot be made.
    """
    host = side.text("bind").value.strip("[]")
    protocol = _protocol(side)
    any_host = "::" if side.family == "6" else "0.0.0.0"  # noqa: S104 - raw sockets see what comes anyhow
    try:
        target = lookup(side, host or any_host, 0)
        return [bind_listener(side, target, socket.SOCK_RAW, protocol, setup)]
    except OSError as error:
        raise explain(f"protocol {protocol} cannot be received", error) from error


class RawReceiver(PacketListener):
    """Takes packets one by one, each a session that may answer its sender."""

    takes: ClassVar[frozenset[str]] = _WAITING | {"fork", "max-children", "accept-timeout"}

    def __init__(self, side: Side) -> None:
        """Read the address."""
        ending = ending_of(side, Ending.NONE)
        super().__init__(side, one_packet=True, has_ports=False, ending=ending)
        self._setup = SocketSetup(side)

    def open(self) -> None:
        """Make the socket.

        Raises:
            OperationError: it cannot be made.
        """
        self.sockets = _bind(self.side, self._setup)

    def payload(self, sock: socket.socket, packet: bytes) -> bytes:
        """Take the IPv4 header off."""
        return packet[without_header(packet) :] if sock.family == socket.AF_INET else packet


class RawReader(BoundOpener):
    """Takes packets of any host that the guard admits, and answers nobody."""

    takes: ClassVar[frozenset[str]] = _WAITING

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side, has_ports=False)
        self._setup = SocketSetup(side)

    def make(self) -> list[socket.socket]:
        """Return a raw socket."""
        return _bind(self.side, self._setup)

    def reader(self, sock: socket.socket, accepts: Callable[[object], bool] | None) -> PacketReader:
        """Return a half that takes the header off where the kernel leaves it."""
        kind = _PayloadReader if sock.family == socket.AF_INET else PacketReader
        return kind(sock, accepts, null_ends=self._null_ends)
