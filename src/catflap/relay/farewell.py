"""Closing so that the last word is heard."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.relay.readiness import readable

if TYPE_CHECKING:
    from catflap.relay.channel import Channel
    from catflap.relay.poller import Poller

__all__ = ("leaves_plainly", "linger")

_SECONDS = 0.3
_MOST_BYTES = 64 * 1024


def leaves_plainly(dialect: Dialect, near: Channel | None) -> bool:
    """Return whether a peer whose way led nowhere sees an end, as the C program has it, no reset.

    What it has said already is taken off the socket, because bytes that wait unread turn the end
    into a reset all the same (RFC 1122, section 4.2.2.13).
    """
    if dialect is not Dialect.SOCAT:
        return False
    reader = near.reader if near is not None else None
    if reader is not None and not reader.boundaries and reader.descriptor >= 0:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(reader.descriptor)) as same:
            left = _MOST_BYTES
            while left > 0 and (data := same.recv(left, socket.MSG_DONTWAIT)):
                left -= len(data)
    return True


async def linger(loop: Poller, sock: socket.socket) -> None:
    """Let a refused peer read why: end our side, then drop what it still sends, for a moment.

    A socket that is closed while bytes wait unread sends a reset, and a reset makes the peer lose
    the TLS alert that was meant for it (RFC 1122, section 4.2.2.13).
    """
    with contextlib.suppress(OSError, TimeoutError):
        sock.shutdown(socket.SHUT_WR)
        left = _MOST_BYTES
        async with asyncio.timeout(_SECONDS):
            while left > 0:
                try:
                    data = sock.recv(left)
                except BlockingIOError:
                    await readable(loop, sock.fileno())
                    continue
                if not data:
                    return
                left -= len(data)
