"""Processes that the demo starts, each ended by its own id."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.prove.eventfeed import EventFeed
from catflap.prove.wire import Address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ("ApiProcess", "BridgeProcess", "attempt_of", "running_api", "running_bridge")

_START_SECONDS = 20.0
_END_SECONDS = 2.0
_LINE_LIMIT = 1024 * 1024


@asynccontextmanager
async def _running(
    folder: Path, *words: str, stdin: int, stdout: int, stderr: int | None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a process of our own interpreter in ``folder``; end it in the end.

    It gets a session of its own: Ctrl-C must reach the demo alone, which then ends the others.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        cwd=folder,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        limit=_LINE_LIMIT,
    )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end; after two seconds make it."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_END_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class BridgeProcess:
    """A bridge that runs as ``catflap run`` and tells its events on its standard error.

    Args:
        words: what follows ``catflap run``.
        address: where it listens.
    """

    def __init__(self, words: tuple[str, ...], address: Address, feed: EventFeed) -> None:
        """Keep what an attacker and a reader need."""
        self.words = words
        self.address = address
        self.feed = feed


@asynccontextmanager
async def running_bridge(folder: Path, *words: str) -> AsyncIterator[BridgeProcess]:
    """Run a bridge until the block ends; it listens when the block begins.

    A pipe rather than a log file: a regular file cannot be waited for.

    Raises:
        OperationError: it did not come up within twenty seconds.
    """
    quiet = subprocess.DEVNULL
    flags = ("--log-format", "json", "--drain-timeout", "1")
    async with _running(
        folder,
        "catflap",
        "run",
        *flags,
        *words,
        stdin=quiet,
        stdout=quiet,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None  # noqa: S101 - asked for above; narrows the type
        feed = EventFeed()
        task = asyncio.get_running_loop().create_task(feed.follow(process.stderr))
        try:
            listening = await feed.listening(_START_SECONDS)
            if listening is None:
                message = "a bridge of the demo did not come up"
                raise OperationError(message, feed.complaint or "it said nothing")
            host, _, port = listening.on[0].rpartition(":")
            yield BridgeProcess(words, Address(host.strip("[]"), int(port)), feed)
        finally:
            task.cancel()
            await asyncio.wait([task])


class ApiProcess:
    """The API, and the requests that it saw."""

    def __init__(self, lines: asyncio.StreamReader) -> None:
        """Read what it tells on ``lines``."""
        self._lines = lines
        self.requests: list[bytes] = []

    async def saw(self, attempt: str, seconds: float = 10.0) -> bytes:
        """Return the first request of an attempt, waiting for it; nothing if it never came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._of(attempt) and await self._next():
                    pass
        return self._of(attempt)

    def _of(self, attempt: str) -> bytes:
        return next((raw for raw in self.requests if attempt_of(raw) == attempt), b"")

    async def _next(self) -> bool:
        line = await self._lines.readline()
        if line:
            self.requests.append(str(json.loads(line)["request"]).encode("latin-1"))
        return bool(line)


def attempt_of(request: bytes) -> str:
    """Return the attempt that a request says it came by."""
    _, _, after = request.partition(b"\r\nX-Attempt: ")
    return after.partition(b"\r\n")[0].decode("latin-1")


@asynccontextmanager
async def running_api(folder: Path, socket_name: str) -> AsyncIterator[ApiProcess]:
    """Run the API until the block ends; it listens when the block begins.

    Raises:
        OperationError: it did not come up within twenty seconds.
    """
    pipe = subprocess.PIPE
    async with _running(
        folder, "catflap.prove.api", socket_name, stdin=pipe, stdout=pipe, stderr=None
    ) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above; narrows the type
        line = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                line = await process.stdout.readline()
        if not line:
            message = "the API of the demo did not come up"
            raise OperationError(message)
        yield ApiProcess(process.stdout)
