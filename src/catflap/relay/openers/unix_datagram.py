"""UNIX datagrams, with a file or an abstract name: SENDTO, RECVFROM and RECV (unix(7)).

Such sockets keep bounds and lose nothing: a sender waits while its receiver's queue is full.
"""

from __future__ import annotations

import errno
import secrets
import socket
import string
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import ParameterType, Transport
from catflap.bridge.effective import Dialect
from catflap.relay.channel import Ending
from catflap.relay.ending import ending_of
from catflap.relay.named import (
    NAMED_OPTIONS,
    Made,
    abstract_name,
    adjust_entry,
    clear_way,
    creation_umask,
)
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.addressing import DATAGRAM_FLAGS, explain
from catflap.relay.packets.bound import BoundOpener
from catflap.relay.packets.listener import PRIVILEGES, PacketListener
from catflap.relay.retry import RETRY_OPTIONS
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("UnixDatagramReader", "UnixDatagramReceiver", "UnixDatagramSender", "bind_client")

_OPTIONS = (
    COMMON_OPTIONS
    | RETRY_OPTIONS
    | NAMED_OPTIONS
    | {"bind", "unix-bind-tempname", "cloexec", "null-eof"}
)
_OWNER_ONLY = 0o177
_TEMPORARY = "/tmp/catflapXXXXXX"  # noqa: S108 - bind(2) makes it and fails if it is there
_ALPHABET = string.ascii_letters + string.digits
_ATTEMPTS = 100
_HINTS = {
    errno.EADDRINUSE: "unlink-early removes a socket that is left over",
    errno.ENOENT: "the folder of the path must be there",
}


def _is_abstract(side: Side) -> bool:
    return side.kind.transport is Transport.ABSTRACT


def _address(side: Side, path: str) -> str:
    """Return a name as the socket module takes it."""
    return abstract_name(side, path) if _is_abstract(side) else path


def bind_name(side: Side, sock: socket.socket, path: str, umask: int | None = None) -> Made | None:
    """Bind a UNIX socket to a path or an abstract name.

    Args:
        side: its options about files count.
        sock: not bound yet.
        path: as it is written in the address.
        umask: under which it is born, unless ``umask=`` says another.

    Returns:
        What is to be removed in the end; nothing for an abstract name.

    Raises:
        OSError: the kernel refuses.
        OperationError: what stands in the way cannot be removed.
    """
    if _is_abstract(side):
        sock.bind(_address(side, path))
        return None
    clear_way(side, path)
    with creation_umask(side, umask):
        sock.bind(path)
    made = Made(path)
    adjust_entry(side, path)
    return made if side.flag("unlink-close", otherwise=True).value else None


def bind_client(side: Side, sock: socket.socket) -> Made | None:
    """Bind a socket that goes to another, where ``bind`` or ``bind-tempname`` says so.

    Returns:
        What is to be removed in the end, if anything.

    Raises:
        OSError: the kernel refuses.
        OperationError: what stands in the way cannot be removed.
    """
    path = side.text("bind").value
    if path:
        return bind_name(side, sock, path)
    if side.last("unix-bind-tempname") is None:
        return None
    return _bind_temporary(side, sock, side.text("unix-bind-tempname").value or _TEMPORARY)


def _bind_temporary(side: Side, sock: socket.socket, template: str) -> Made | None:
    """Bind to a made-up name: each X at the end of the template becomes a random character."""
    stem = template.rstrip("X")
    count = len(template) - len(stem)
    for _ in range(_ATTEMPTS):
        name = stem + "".join(secrets.choice(_ALPHABET) for _ in range(max(count, 6)))
        try:
            return bind_name(side, sock, name)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, "no temporary name is free")


class UnixDatagramSender(BoundOpener):
    """Sends datagrams to a name and takes its answers, which need a name of ours to come to."""

    takes: ClassVar[frozenset[str]] = _OPTIONS

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side, has_ports=False)
        path = side.parameter(ParameterType.PATH)
        self._address = _address(side, path)
        self._setup = SocketSetup(side)
        self._made: list[Made] = []
        self.target = f"@{path}" if _is_abstract(side) else path
        self.ending = ending_of(side, Ending.NONE)

    def make(self) -> list[socket.socket]:
        """Return a socket, bound where ``bind`` or ``bind-tempname`` says so."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | DATAGRAM_FLAGS)
        try:
            self._setup.before(sock)
            made = bind_client(self.side, sock)
            self._setup.after(sock)
        except OSError as error:
            sock.close()
            raise explain(f"{self.target} cannot be reached from here", error, _HINTS) from error
        except BaseException:
            sock.close()
            raise
        if made is not None:
            self._made.append(made)
        return [sock]

    def release(self) -> None:
        """Remove the names that were made."""
        while self._made:
            self._made.pop().remove()

    async def destination(self, opening: Opening) -> object:
        """Return the name."""
        del opening
        return self._address

    def answers_only(self) -> bool:
        """Others than the peer are not heard."""
        return True


def _bind_receiver(side: Side, setup: SocketSetup) -> tuple[socket.socket, Made | None]:
    """Return a socket bound to the name of the address, and what is to be removed in the end.

    Raises:
        OperationError: the name is taken, or may not be used.
    """
    path = side.parameter(ParameterType.PATH)
    mode = side.value("perm").value
    # Others could write in the moment between bind(2) and chmod(2), so it is born closed to them.
    umask = _OWNER_ONLY if side.dialect is Dialect.CATFLAP else None
    umask = ~mode & 0o777 if isinstance(mode, int) else umask
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | DATAGRAM_FLAGS)
    try:
        setup.before(sock)
        made = bind_name(side, sock, path, umask)
        setup.after(sock)
    except OSError as error:
        sock.close()
        raise explain(f"{path} cannot be listened on", error, _HINTS) from error
    except BaseException:
        sock.close()
        raise
    return sock, made


class UnixDatagramReceiver(PacketListener):
    """Takes datagrams one by one, each a session that may answer a sender that has a name."""

    takes: ClassVar[frozenset[str]] = (
        _OPTIONS | PRIVILEGES | {"fork", "max-children", "accept-timeout"}
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        ending = ending_of(side, Ending.NONE)
        super().__init__(side, one_packet=True, has_ports=False, ending=ending)
        self._setup = SocketSetup(side)
        self._made: Made | None = None

    def open(self) -> None:
        """Bind.

        Raises:
            OperationError: the name is taken, or may not be used.
        """
        sock, self._made = _bind_receiver(self.side, self._setup)
        self.sockets = [sock]

    def close(self) -> None:
        """Close the socket and remove its name."""
        super().close()
        made, self._made = self._made, None
        if made is not None:
            made.remove()


class UnixDatagramReader(BoundOpener):
    """Takes datagrams of anybody who may write to the name, and answers nobody."""

    takes: ClassVar[frozenset[str]] = _OPTIONS | PRIVILEGES

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side, has_ports=False)
        self._setup = SocketSetup(side)
        self._made: Made | None = None

    def make(self) -> list[socket.socket]:
        """Return a bound socket."""
        sock, self._made = _bind_receiver(self.side, self._setup)
        return [sock]

    def release(self) -> None:
        """Remove the name."""
        made, self._made = self._made, None
        if made is not None:
            made.remove()
