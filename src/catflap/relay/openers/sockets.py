"""Sockets of any family and type by their numbers: SOCKET-CONNECT, -LISTEN and the packet kinds.

The address is the data of a struct sockaddr behind its family, written in the small language of
raw data, such as ``SOCKET-CONNECT:2:6:x0050x7f000001x0000000000000000`` for TCP to 127.0.0.1:80.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.address.dalan import DalanError, read_dalan
from catflap.core.errors import UsageError
from catflap.core.spans import Problem
from catflap.core.units import parse_integer
from catflap.relay.channel import Channel, Ending, SocketHalf
from catflap.relay.ending import ending_of
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.addressing import explain
from catflap.relay.packets.bound import BoundOpener
from catflap.relay.packets.halves import PacketReader, PacketWriter
from catflap.relay.packets.listener import PRIVILEGES, PacketListener
from catflap.relay.readiness import until_connected
from catflap.relay.retry import RETRY_OPTIONS, Retry
from catflap.relay.sockaddr import bind_raw, connect_raw, pack_sockaddr, receive_raw, send_raw
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.channel import Writer
    from catflap.relay.poller import Poller

__all__ = (
    "SocketDatagram",
    "SocketListener",
    "SocketOpener",
    "SocketReader",
    "SocketReceiver",
    "SocketSender",
    "stream_channel",
)

_OPTIONS = COMMON_OPTIONS | RETRY_OPTIONS | {"bind", "cloexec", "null-eof"}
_WAITING = _OPTIONS | PRIVILEGES | {"range"}
_BACKLOG = 1024
_FLAGS = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC


def stream_channel(sock: socket.socket, describe: str, ending: str) -> Channel:
    """Return the channel of a stream socket whose family may not know splice(2)."""
    half = SocketHalf(sock, ending=ending)
    half.bare = False

    def release(abort: bool) -> None:
        del abort
        sock.close()

    return Channel(half, half, describe, release)


class _Named:
    """The numbers and the address of a generic kind."""

    def __init__(self, side: Side) -> None:
        texts = [word.text for word in side.address.parameters]
        self.family = parse_integer(texts[0])
        typed = len(texts) > 3
        self.kind = parse_integer(texts[1]) if typed else socket.SOCK_STREAM
        self.protocol = parse_integer(texts[-2])
        self.address = _sockaddr(side, self.family, texts[-1])
        bound = side.text("bind").value
        self.local = _sockaddr(side, self.family, bound) if bound else b""
        self.shown = ":".join(texts)
        self.setup = SocketSetup(side)

    def make(self, what: str, local: bytes) -> socket.socket:
        """Return a socket, bound to ``local`` if that is something.

        Raises:
            OperationError: the kernel refuses.
        """
        try:
            sock = socket.socket(self.family, self.kind | _FLAGS, self.protocol)
        except OSError as error:
            raise explain(what, error) from error
        try:
            self.setup.before(sock)
            if local:
                bind_raw(sock, local)
        except OSError as error:
            sock.close()
            raise explain(what, error) from error
        except BaseException:
            sock.close()
            raise
        return sock


def _sockaddr(side: Side, family: int, text: str) -> bytes:
    """Return the struct sockaddr of a text.

    Raises:
        UsageError: it is not raw data.
    """
    try:
        return pack_sockaddr(family, read_dalan(text))
    except DalanError as error:
        expected = "raw data such as x0050x7f000001"
        problem = Problem(str(error), side.span, side.source, expected)
        raise UsageError(problem.sentence(), (problem,)) from error


class SocketOpener:
    """Connects a stream socket."""

    takes: ClassVar[frozenset[str]] = _OPTIONS | {"connect-timeout"}

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: an address is not raw data.
        """
        self._named = _Named(side)
        self._retry = Retry(side)
        self._ending = ending_of(side)
        self.target = self._named.shown

    async def open(self, opening: Opening) -> Channel:
        """Connect.

        Raises:
            OperationError: nobody answers.
        """
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        named = self._named
        what = f"{self.target} cannot be reached"
        sock = named.make(what, named.local)
        try:
            try:
                connect_raw(sock, named.address)
            except BlockingIOError:
                await until_connected(opening.loop, sock)
            named.setup.after(sock)
        except OSError as error:
            sock.close()
            raise explain(what, error) from error
        except BaseException:
            sock.close()
            raise
        return stream_channel(sock, self.target, self._ending)

    def close(self) -> None:
        """Nothing is held between sessions."""


class SocketListener:
    """Accepts connections on a stream socket."""

    takes: ClassVar[frozenset[str]] = _WAITING | {
        "fork",
        "max-children",
        "accept-timeout",
        "backlog",
        "so-reuseaddr",
    }

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the address is not raw data.
        """
        self._named = _Named(side)
        self._backlog = side.number("backlog", _BACKLOG).value
        self._reuses = side.number("so-reuseaddr", 1).value
        self._ending = ending_of(side)
        self.sockets: list[socket.socket] = []
        self.notes: list[str] = []

    def open(self) -> None:
        """Bind and listen.

        Raises:
            OperationError: the address is taken.
        """
        what = f"{self._named.shown} cannot be listened on"
        sock = self._named.make(what, b"")
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, self._reuses)
            bind_raw(sock, self._named.address)
            sock.listen(self._backlog)
        except OSError as error:
            sock.close()
            raise explain(what, error) from error
        self.sockets.append(sock)

    def describe(self) -> tuple[str, ...]:
        """Return the address as it was written."""
        return (self._named.shown,) if self.sockets else ()

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        self._named.setup.after(sock)
        return stream_channel(sock, str(peer), self._ending)

    async def receive(self, loop: Poller, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        del loop
        return self.receive_now(sock, peer)

    def close(self) -> None:
        """Stop listening."""
        while self.sockets:
            self.sockets.pop().close()


class _RawReader(PacketReader):
    """Takes packets with the raw addresses of their senders."""

    __slots__ = ()

    def __init__(
        self, sock: socket.socket, accepts: Callable[[object], bool] | None, *, null_ends: bool
    ) -> None:
        super().__init__(sock, accepts, null_ends=null_ends)
        self._receive = lambda buffer: receive_raw(sock, buffer)

    def tell_details(self, sock: socket.socket, tell: Callable[[str], None]) -> None:
        """Tell nothing: what gives raw addresses gives no control messages."""


class _RawWriter(PacketWriter):
    """Sends packets to a raw address."""

    __slots__ = ()

    def __init__(self, sock: socket.socket, address: bytes, ending: str) -> None:
        super().__init__(sock, address, ending)
        self.largest = 0
        self._send = lambda data, where: send_raw(sock, data, where)


class SocketDatagram(BoundOpener):
    """Sends to one address and takes packets of anybody."""

    takes: ClassVar[frozenset[str]] = _OPTIONS | {"range"}

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: an address is not raw data.
        """
        super().__init__(side)
        self._named = _Named(side)
        self.target = self._named.shown
        self.ending = ending_of(side, Ending.NONE)

    def make(self) -> list[socket.socket]:
        """Return a socket, bound where ``bind`` says so."""
        sock = self._named.make(f"{self.target} cannot be reached", self._named.local)
        self._named.setup.after(sock)
        return [sock]

    async def destination(self, opening: Opening) -> object:
        """Return the raw address."""
        del opening
        return self._named.address

    def writer(self, sock: socket.socket, destination: object) -> Writer:
        """Return a half that sends to the raw address."""
        del destination
        return _RawWriter(sock, self._named.address, self.ending)


class SocketSender(SocketDatagram):
    """Sends to one address and takes only its answers."""

    takes: ClassVar[frozenset[str]] = _OPTIONS

    def answers_only(self) -> bool:
        """Others than the peer are not heard."""
        return True

    def reader(self, sock: socket.socket, accepts: Callable[[object], bool] | None) -> PacketReader:
        """Return a half that compares raw addresses."""
        del accepts
        wanted = self._named.address
        return _RawReader(sock, lambda address: address == wanted, null_ends=self._null_ends)


class SocketReader(BoundOpener):
    """Takes packets of anybody that the guard admits, and answers nobody."""

    takes: ClassVar[frozenset[str]] = _WAITING

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the address is not raw data.
        """
        super().__init__(side)
        self._named = _Named(side)

    def make(self) -> list[socket.socket]:
        """Return a bound socket."""
        what = f"{self._named.shown} cannot be received on"
        return [self._named.make(what, self._named.address)]


class SocketReceiver(PacketListener):
    """Takes packets one by one, each a session that may answer its sender."""

    takes: ClassVar[frozenset[str]] = _WAITING | {"fork", "max-children", "accept-timeout"}

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the address is not raw data.
        """
        super().__init__(side, one_packet=True, ending=ending_of(side, Ending.NONE))
        self._named = _Named(side)

    def open(self) -> None:
        """Bind.

        Raises:
            OperationError: the address is taken.
        """
        what = f"{self._named.shown} cannot be received on"
        self.sockets = [self._named.make(what, self._named.address)]
