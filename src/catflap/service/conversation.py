"""Questions and answers between the parent and a worker, over a pair of sockets (JSON lines)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
from typing import TYPE_CHECKING, Any

from catflap.core.errors import CatflapError, OperationError

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

__all__ = ("Conversation", "GoneError")

_LONGEST = 64 * 1024 * 1024


class GoneError(OperationError):
    """Nobody is there any more to answer."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the other process is gone")


class Conversation:
    """One end of it; both may ask.

    Args:
        sock: this end.
        answer: returns what is answered to a question; a :class:`CatflapError` says no.
    """

    def __init__(
        self, sock: socket.socket, answer: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
    ) -> None:
        """Take over a socket; nothing is read before :meth:`run`."""
        self._sock = sock
        self._answer = answer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = False

    async def open(self) -> None:
        """Be able to speak."""
        self._reader, self._writer = await asyncio.open_connection(sock=self._sock, limit=_LONGEST)

    async def run(self) -> None:
        """Read until the other end is gone."""
        if self._reader is None:
            await self.open()
        reader = self._reader
        if reader is None:
            return
        loop = asyncio.get_running_loop()
        try:
            while line := await reader.readline():
                found = json.loads(line)
                if "answers" in found:
                    self._hear(found)
                else:
                    task = loop.create_task(self._reply(found))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
        except (ConnectionError, ValueError):
            # The other process died in the middle of a line.
            return
        finally:
            self._over = True
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(GoneError)
            self._waiting.clear()

    def _hear(self, found: dict[str, Any]) -> None:
        future = self._waiting.pop(found.pop("answers"), None)
        if future is None or future.done():
            return
        if "error" in found:
            future.set_exception(OperationError(found["error"], found.get("hint", "")))
        else:
            future.set_result(found)

    async def _reply(self, question: dict[str, Any]) -> None:
        number = question.pop("asks", 0)
        try:
            answer = await self._answer(question)
        except CatflapError as error:
            answer = {"error": error.render(), "hint": ""}
        if number:
            self._send({**answer, "answers": number})

    def tell(self, do: str, **fields: Any) -> None:
        """Say something that wants no answer."""
        self._send({"do": do, **fields})

    async def ask(self, do: str, seconds: float = 10.0, **fields: Any) -> dict[str, Any]:
        """Return the answer to a question.

        Raises:
            GoneError: the other process is gone.
            OperationError: the answer is no.
            TimeoutError: there was none in time.
        """
        if self._over or self._writer is None:
            raise GoneError
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._send({"do": do, **fields, "asks": number})
        try:
            async with asyncio.timeout(seconds):
                return await future
        finally:
            self._waiting.pop(number, None)

    def _send(self, told: dict[str, Any]) -> None:
        if self._writer is not None and not self._over:
            self._writer.write(json.dumps(told).encode() + b"\n")

    async def flush(self) -> None:
        """Wait until what was said is on its way."""
        if self._writer is not None:
            with contextlib.suppress(ConnectionError):
                await self._writer.drain()

    def disown(self) -> None:
        """Close this end in a forked process, without ending the conversation."""
        with contextlib.suppress(OSError):
            os.close(self._sock.fileno())

    def close(self) -> None:
        """Say no more."""
        if self._writer is not None:
            self._writer.close()
        else:
            self._sock.close()
