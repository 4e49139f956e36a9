"""Closing so that the last word is heard."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from catflap.relay.readiness import readable

if TYPE_CHECKING:
    from catflap.relay.poller import Poller

__all__ = ("linger",)

_SECONDS = 0.3
_MOST_BYTES = 64 * 1024


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
