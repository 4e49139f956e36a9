"""UNIX domain sockets, with a file (unix(7)) or in the abstract namespace."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import ParameterType, Transport
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, SocketHalf
from catflap.relay.ending import ending_of
from catflap.relay.handed_in import take_unix
from catflap.relay.named import (
    NAMED_OPTIONS,
    Made,
    abstract_name,
    adjust_entry,
    clear_way,
    creation_umask,
)
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.proxy_header import Greeting
from catflap.relay.retry import RETRY_OPTIONS, Retry
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from typing import NoReturn

    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.opening import Adopting
    from catflap.relay.packets.halves import ConnectedHalf
    from catflap.relay.poller import Poller

__all__ = ("UnixListener", "UnixOpener")

_FLAGS = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
_LISTENS = b"00010000"
"""The flag of a listening socket in /proc/net/unix (__SO_ACCEPTCON)."""
_BACKLOG = 1024
_SOCAT_BACKLOG = 5
_OWNER_ONLY = 0o177
_BUSY_RETRY_SECONDS = 0.01
_FALLBACK = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM)
_PRIVILEGES = frozenset(
    {
        "substuser",
        "substuser-early",
        "substuser-delayed",
        "setuid",
        "setuid-early",
        "setgid",
        "setgid-early",
        "chroot",
        "chroot-early",
    }
)


def _name(side: Side, path: str) -> tuple[str, str]:
    """Return the address as the socket module takes it, and as a person reads it."""
    if side.kind.transport is Transport.ABSTRACT:
        return abstract_name(side, path), f"@{path}"
    return path, path


def _types(side: Side) -> tuple[int, ...]:
    """Return the types of socket to try, in their order: one where ``so-type`` names it."""
    if side.last("so-type") is not None:
        return (side.number("so-type").value,)
    guesses = side.kind.name.endswith("CLIENT") or side.kind.name == "GOPEN"
    return _FALLBACK if guesses else _FALLBACK[:1]


class UnixOpener:
    """Connects to a UNIX socket; the -CLIENT kinds try datagrams when streams are refused."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | RETRY_OPTIONS
        | NAMED_OPTIONS
        | {
            "bind",
            "unix-bind-tempname",
            "connect-timeout",
            "so-type",
            "cloexec",
            "send-proxy",
        }
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._address, self.target = _name(side, side.parameter(ParameterType.PATH))
        self._setup = SocketSetup(side)
        self._retry = Retry(side)
        self._ending = ending_of(side)
        self._types = _types(side)
        # An abstract name of another type is another name: nobody has it (unix(7)).
        abstract = self._address.startswith("\0")
        self._other_type = {errno.EPROTOTYPE} | ({errno.ECONNREFUSED} if abstract else set())
        self._timeout = side.seconds("connect-timeout", -1.0)
        self._greeting = Greeting(side)

    async def open(self, opening: Opening) -> Channel:
        """Connect.

        Raises:
            OperationError: nothing listens there, or we may not.
        """
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        seconds = self._timeout.value if self._timeout.is_said else opening.timeout
        for kind in self._types:
            try:
                return await self._connect(kind, seconds, opening)
            except OSError as error:
                if error.errno in self._other_type and kind != self._types[-1]:
                    continue
                message = f"{self.target} cannot be reached: {error.strerror}"
                raise OperationError(message, _hint(error, self.target)) from error
        message = f"{self.target} cannot be reached"
        raise OperationError(message)

    async def _connect(self, kind: int, seconds: float, opening: Opening) -> Channel:
        sock = socket.socket(socket.AF_UNIX, kind | _FLAGS)
        made: Made | None = None
        try:
            self._setup.before(sock)
            made = self._bind(sock)
            try:
                async with asyncio.timeout(seconds or None):
                    await self._reach(sock)
            except TimeoutError:
                message = f"{self.target} took no connection within {seconds:g} s"
                raise OperationError(message, "connect-timeout=SECONDS changes the limit") from None
            self._setup.after(sock)
            self._greeting.send(sock, opening)
        except BaseException:
            sock.close()
            if made is not None:
                made.remove()
            raise
        half = _half(sock, self._ending)

        def release(abort: bool) -> None:
            del abort
            sock.close()
            if made is not None:
                made.remove()

        channel = Channel(half, half, self.target, release)
        channel.tells_end = sock.type != socket.SOCK_DGRAM
        return channel

    def _bind(self, sock: socket.socket) -> Made | None:
        if self._side.last("bind") is None and self._side.last("unix-bind-tempname") is None:
            return None
        from catflap.relay.openers.unix_datagram import bind_client

        return bind_client(self._side, sock)

    async def _reach(self, sock: socket.socket) -> None:
        """Connect; a full queue gives EAGAIN at once (unix(7)), which only asks to try again."""
        while True:
            number = sock.connect_ex(self._address)
            if number == 0:
                return
            if number != errno.EAGAIN:
                raise OSError(number, os.strerror(number))
            await asyncio.sleep(_BUSY_RETRY_SECONDS)

    def close(self) -> None:
        """Nothing is held between sessions."""


def _half(sock: socket.socket, ending: str) -> SocketHalf | ConnectedHalf:
    """Return both halves of a connected socket; one of packets keeps their boundaries."""
    if sock.type == socket.SOCK_STREAM:
        return SocketHalf(sock, ending=ending)
    from catflap.relay.packets.halves import ConnectedHalf

    return ConnectedHalf(sock, ending=ending)


def _peer_name(sock: socket.socket) -> str | bytes:
    """Return what the peer's own socket is bound to, which mostly is nothing."""
    try:
        name: str | bytes = sock.getpeername()
    except OSError:
        return ""
    return name


def _hint(error: OSError, target: str) -> str:
    if error.errno == errno.ENOENT:
        return "the path is relative to this directory" if not target.startswith("/") else ""
    if error.errno == errno.ECONNREFUSED and target.startswith("@"):
        return "nobody listens on that name"
    return {
        errno.ECONNREFUSED: "the socket file is there, but nobody listens on it",
        errno.EACCES: f"ls -l {target} shows who may write to it",
    }.get(error.errno or 0, "")


def _is_served(address: str) -> bool:
    """Whether somebody listens on a path: to take it away would be wrong advice.

    The kernel's list is asked (proc(5)); connecting would begin a session there.
    """
    wanted = f" {address}".encode(errors="surrogateescape")
    try:
        with open("/proc/net/unix", "rb") as file:
            return any(
                line.rstrip(b"\n").endswith(wanted) and line.split()[3:4] == [_LISTENS]
                for line in file
                if wanted in line
            )
    except OSError:
        return False


class UnixListener:
    """Listens on a UNIX socket that nobody but its owner can reach unless ``mode=`` says so."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | RETRY_OPTIONS
        | NAMED_OPTIONS
        | _PRIVILEGES
        | {
            "fork",
            "max-children",
            "backlog",
            "accept-timeout",
            "proxy-from",
            "so-type",
            "cloexec",
        }
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._path = side.parameter(ParameterType.PATH)
        self._address, self._shown = _name(side, self._path)
        self._setup = SocketSetup(side)
        self._ending = ending_of(side)
        self._made: Made | None = None
        self.sockets: list[socket.socket] = []
        self.notes: list[str] = []

    def open(self) -> None:
        """Bind and listen.

        Raises:
            OperationError: the path is taken, or may not be used.
        """
        given = take_unix(self._address)
        if given is not None:
            # Its file is the manager's, who chose its mode; it is never unlinked here.
            self.notes.append("it was handed in")
            self._setup.before(given)
            self.sockets.append(given)
            return
        named = not self._address.startswith("\0")
        if named:
            clear_way(self._side, self._path)
        kind = self._side.number("so-type", socket.SOCK_STREAM).value
        try:
            sock = socket.socket(socket.AF_UNIX, kind | _FLAGS)
        except OSError as error:
            self._explain(error)
        try:
            self._setup.before(sock)
            with creation_umask(self._side, self._umask() if named else None):
                sock.bind(self._address)
            if named:
                self._made = Made(self._path)
                adjust_entry(self._side, self._path)
            default = _BACKLOG if self._side.dialect is Dialect.CATFLAP else _SOCAT_BACKLOG
            sock.listen(self._side.number("backlog", default).value)
        except BaseException as error:
            sock.close()
            self._remove()
            if isinstance(error, OSError):
                self._explain(error)
            raise
        self.sockets.append(sock)

    def _umask(self) -> int | None:
        """Return the umask under which the socket is born with no more than its final mode.

        Setting the mode after bind(2) would leave a moment in which others could connect.
        """
        mode = self._side.value("perm").value
        if isinstance(mode, int):
            return ~mode & 0o777
        return _OWNER_ONLY if self._side.dialect is Dialect.CATFLAP else None

    def _explain(self, error: OSError) -> NoReturn:
        hint = ""
        if error.errno == errno.EADDRINUSE:
            hint = "unlink-early removes a socket that is left over"
            if _is_served(self._address):
                hint = "somebody listens there; another path, or one reload after the other"
        message = f"{self._shown} cannot be listened on: {error.strerror or error}"
        raise OperationError(message, hint) from error

    def adopt(self, other: Adopting) -> None:
        """Take the open socket of a listener on the same path, and the care for that path."""
        self.sockets.extend(other.sockets)
        other.sockets.clear()
        if isinstance(other, UnixListener):
            self._made, other._made = other._made, None  # noqa: SLF001 - of our own class

    def readjust(self) -> None:
        """Give the entry of an adopted socket the owner and mode that are asked for now.

        Raises:
            OperationError: not permitted.
        """
        if self._made is None:
            return  # the service manager's, or an abstract name's
        ours = self._side.dialect is Dialect.CATFLAP
        adjust_entry(self._side, self._path, 0o777 & ~_OWNER_ONLY if ours else None)

    def describe(self) -> tuple[str, ...]:
        """Return the path."""
        return (self._shown,) if self.sockets else ()

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        self._setup.after(sock)
        if sock.type == socket.SOCK_STREAM:
            channel = Channel.of_socket(sock, str(peer), self._ending)
        else:
            half = _half(sock, self._ending)
            channel = Channel(half, half, str(peer), lambda _abort: sock.close())
        name = _peer_name(sock)
        if name:
            from catflap.relay.packets.senders import shown

            channel.facts = {"PEERADDR": shown(name)}
        return channel

    async def receive(self, loop: Poller, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        del loop
        return self.receive_now(sock, peer)

    def _remove(self) -> None:
        made, self._made = self._made, None
        if made is not None and self._side.flag("unlink-close", otherwise=True).value:
            made.remove()

    def close_sockets(self) -> None:
        """Stop listening; the name stays."""
        while self.sockets:
            with contextlib.suppress(OSError):
                self.sockets.pop().close()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self.close_sockets()
        self._remove()
