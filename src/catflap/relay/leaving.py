"""Listening sockets that a change of the bridges gives up, while those after them are opened.

What is new is opened before what goes is closed, so that a change that fails changes nothing. On
the same port the kernel would refuse that: it cannot know that the first is about to go. So the
very same address goes on with a copy of the socket, whose queue lives on, and for another one on
that port (``bind=0.0.0.0`` after ``bind=127.0.0.1``) both carry SO_REUSEPORT for one moment.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ("copy_of_leaving", "leaving", "listen_beside_leaving")

_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
_REUSEPORT = (socket.SOL_SOCKET, socket.SO_REUSEPORT)
_leaving: list[socket.socket] = []
"""Sockets belong to the whole process, and so does what becomes of them."""


@contextlib.contextmanager
def leaving(sockets: Iterable[socket.socket]) -> Iterator[None]:
    """Let listeners that are opened meanwhile take the places of TCP sockets that go after it."""
    _leaving.extend(each for each in sockets if _is_tcp(each))
    try:
        yield
    finally:
        _leaving.clear()


def _is_tcp(sock: socket.socket) -> bool:
    known = sock.family in _INTERNET and sock.type == socket.SOCK_STREAM
    return known and sock.proto in {0, socket.IPPROTO_TCP}


def copy_of_leaving(family: int, address: tuple[object, ...]) -> socket.socket | None:
    """Return a copy of the socket at an address, which goes on when the first is closed.

    Args:
        family: of the address.
        address: as bind(2) would take it; port 0 never matches.
    """
    for sock in _leaving:
        if sock.family == family and address[1] and sock.getsockname()[:2] == address[:2]:
            copy = sock.dup()
            copy.setblocking(False)
            return copy
    return None


def listen_beside_leaving(sock: socket.socket, address: tuple[object, ...], backlog: int) -> None:
    """Bind and listen, also where the port belongs to a socket that goes.

    Two sockets that carry SO_REUSEPORT may share a port (socket(7)), so both do for a moment. The
    kernel remembers it of the port: until all of its sockets are closed, programs of the same user
    that ask for SO_REUSEPORT may listen there too. Whoever does not ask is refused as always.

    Raises:
        OSError: somebody else has the port, or the address is not there.
    """
    try:
        _listen(sock, address, backlog)
    except OSError as error:
        others = [each for each in _leaving if each.getsockname()[1] == address[1]]
        if error.errno != errno.EADDRINUSE or not others:
            raise
    else:
        return
    carriers = [sock, *others]
    before = [each.getsockopt(*_REUSEPORT) for each in carriers]
    try:
        for each in carriers:
            each.setsockopt(*_REUSEPORT, 1)
        _listen(sock, address, backlog)
    finally:
        for each, value in zip(carriers, before, strict=True):
            each.setsockopt(*_REUSEPORT, value)


def _listen(sock: socket.socket, address: tuple[object, ...], backlog: int) -> None:
    sock.bind(address)
    sock.listen(backlog)
