"""Listening sockets that a service manager opened for us (sd_listen_fds(3)).

A listener takes one whose address is the one that it would bind. So what was judged is what runs:
no socket is served that no address in the configuration describes. One that was handed in is never
bound, unlinked or shut down here; it stays the manager's.
"""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.core.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = (
    "check_all_taken",
    "forget_handed_in",
    "lent",
    "receive_handed_in",
    "take_internet",
    "take_unix",
)

_FIRST = 3
_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
_MOST = 1024


@dataclass(slots=True)
class _HandedIn:
    sock: socket.socket
    name: str
    taken: bool = False

    def describe(self) -> str:
        """Return its name and where it listens."""
        address = self.sock.getsockname()
        if isinstance(address, tuple):
            host = f"[{address[0]}]" if ":" in address[0] else address[0]
            shown = f"{host}:{address[1]}"
        else:
            shown = printable(os.fsdecode(address) if isinstance(address, bytes) else address)
        return f"{printable(self.name)} ({shown})"


_received: list[_HandedIn] = []
"""What this process was started with; sockets belong to the whole process."""

_lent: list[socket.socket] = []
"""What another process of ours opened, for as long as listeners are opened."""


def receive_handed_in() -> None:
    """Take what the environment says was handed in, and take the words for it out.

    Raises:
        OperationError: it says what cannot be.
    """
    told = {name: os.environ.pop(name, "") for name in _VARIABLES}
    if told["LISTEN_PID"] != str(os.getpid()):
        return
    if not told["LISTEN_FDS"].isdecimal() or int(told["LISTEN_FDS"]) > _MOST:
        raise OperationError(
            f"LISTEN_FDS={printable(told['LISTEN_FDS'])} is not a number of sockets"
        )
    names = told["LISTEN_FDNAMES"].split(":")
    for number in range(int(told["LISTEN_FDS"])):
        descriptor = _FIRST + number
        name = names[number] if number < len(names) and names[number] else f"fd{descriptor}"
        _received.append(_HandedIn(_socket(descriptor, name), name))


def _socket(descriptor: int, name: str) -> socket.socket:
    try:
        os.set_inheritable(descriptor, False)
        sock = socket.socket(fileno=descriptor)
    except OSError as error:
        message = f"descriptor {descriptor} ({printable(name)}) was handed in and is no socket"
        raise OperationError(message, "LISTEN_FDS counts sockets alone") from error
    sock.setblocking(False)
    return sock


@contextlib.contextmanager
def lent(sockets: Iterable[socket.socket]) -> Iterator[None]:
    """Let the listeners that are opened meanwhile use sockets of another process of ours.

    They were opened for just these listeners, so port 0 stands for whichever port they have.
    """
    _lent.extend(sockets)
    try:
        yield
    finally:
        _lent.clear()


def take_internet(family: int, address: tuple[object, ...]) -> socket.socket | None:
    """Return the TCP socket that was handed in for an address, if one was.

    Args:
        family: of the address.
        address: as bind(2) would take it; port 0 never matches.

    Raises:
        OperationError: one is there that would take more than the address says.
    """
    for sock in _lent:
        name = sock.getsockname()
        if sock.family == family and name[0] == address[0] and address[1] in {0, name[1]}:
            _lent.remove(sock)
            return sock
    for each in _received:
        sock = each.sock
        tcp = sock.type == socket.SOCK_STREAM and sock.proto in {0, socket.IPPROTO_TCP}
        if sock.family != family or not tcp or not address[1]:
            continue
        if sock.getsockname()[:2] != address[:2]:
            continue
        both = family == socket.AF_INET6 and not sock.getsockopt(
            socket.IPPROTO_IPV6, socket.IPV6_V6ONLY
        )
        if both and address[0] == "::":
            message = f"the socket {each.describe()} takes IPv4 too, and bind=[::] does not say so"
            raise OperationError(message, "BindIPv6Only=ipv6-only in the socket unit")
        return _take(each)
    return None


def take_unix(address: str) -> socket.socket | None:
    """Return the socket that was handed in for a path, or a name in the abstract namespace."""
    for sock in _lent:
        if sock.family == socket.AF_UNIX and _path(sock) == address:
            _lent.remove(sock)
            return sock
    wanted = address if address.startswith("\0") else os.path.abspath(address)
    for each in _received:
        if each.sock.family != socket.AF_UNIX or each.sock.type != socket.SOCK_STREAM:
            continue
        if _path(each.sock) == wanted:
            return _take(each)
    return None


def _path(sock: socket.socket) -> str:
    name = sock.getsockname()
    return os.fsdecode(name) if isinstance(name, bytes) else str(name)


def _take(each: _HandedIn) -> socket.socket:
    each.taken = True
    # A copy, so that whoever closes it leaves something to take: for the next, after a reload.
    copy = each.sock.dup()
    copy.setblocking(False)
    with contextlib.suppress(OSError):
        if not copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            copy.listen()
    return copy


def forget_handed_in() -> None:
    """Leave what was handed in to the process that we were forked from."""
    for each in _received:
        each.sock.close()
    _received.clear()


def check_all_taken() -> None:
    """See to it that nothing was handed in that nobody serves: its queue would fill in silence.

    Raises:
        OperationError: with the names of those that are left.
    """
    left = [each.describe() for each in _received if not each.taken]
    if left:
        message = f"nothing here listens on what the service manager handed in: {', '.join(left)}"
        raise OperationError(
            message,
            "the address of the unit's ListenStream= and that of a listener must be the same",
        )
