"""Connecting to the one of several addresses that answers first."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.relay.namespaces import stay

if TYPE_CHECKING:
    import socket

    from catflap.relay.resolve import Target

__all__ = ("connect_any",)

_STAGGER_SECONDS = 0.25


async def connect_any(targets: list[Target], connect) -> socket.socket:  # type: ignore[no-untyped-def] # noqa: ANN001 - a callable of one target
    """Race the targets, each a quarter of a second after the last (RFC 8305, section 5).

    Raises:
        OSError: none answered; the error of the first.
    """
    if len(targets) == 1:
        sock: socket.socket = await connect(targets[0])
        return sock
    loop = asyncio.get_running_loop()
    attempts: list[asyncio.Task[socket.socket]] = []
    errors: list[BaseException] = []
    waiting = list(targets)
    try:
        while waiting or attempts:
            if waiting:
                attempts.append(loop.create_task(stay(connect(waiting.pop(0)))))
            done, _ = await asyncio.wait(
                attempts,
                timeout=_STAGGER_SECONDS if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for attempt in done:
                attempts.remove(attempt)
                error = attempt.exception()
                if error is None:
                    return attempt.result()
                errors.append(error)
    finally:
        for attempt in attempts:
            attempt.cancel()
            with contextlib.suppress(OSError, OperationError, asyncio.CancelledError):
                (await attempt).close()
    raise errors[0]
