"""A listener on the line: passes bytes on unchanged and keeps a copy of them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from catflap.prove.records import Record, RecordReader
from catflap.prove.wire import Address, text_of

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ("Direction", "Flow", "Tap")

_CHUNK = 65_536
_CONNECT_SECONDS = 5.0
_MOST_KEPT = 1024 * 1024


class Direction(StrEnum):
    """Which way bytes went."""

    TO_SERVER = "to-server"
    TO_CLIENT = "to-client"


@dataclass(slots=True)
class Flow:
    """One connection as it passed.

    Args:
        source: where the server saw it come from.
    """

    source: str
    chunks: list[tuple[Direction, bytes]] = field(default_factory=list)
    size: int = 0

    def keep(self, direction: Direction, data: bytes) -> None:
        """Keep a copy, of the first mebibyte."""
        if self.size < _MOST_KEPT:
            self.chunks.append((direction, data))
        self.size += len(data)

    def carries(self, word: bytes) -> bool:
        """Whether ``word`` can be read in it, either way."""
        return any(
            word in b"".join(data for each, data in self.chunks if each is direction)
            for direction in Direction
        )

    def records(self) -> list[tuple[Direction, Record]]:
        """Return its TLS records in the order in which they became whole.

        Raises:
            RecordError: it is not TLS.
        """
        readers = {direction: RecordReader() for direction in Direction}
        return [
            (direction, record)
            for direction, data in self.chunks
            for record in readers[direction].feed(data)
        ]


class Tap:
    """A relay between two bridges that hides nothing.

    Args:
        target: where it passes connections on to.
    """

    def __init__(self, target: Address) -> None:
        """Prepare; it listens inside ``async with``."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._live: set[asyncio.Task[None]] = set()
        self.flows: list[Flow] = []

    @property
    def address(self) -> Address:
        """Where it listens."""
        if self._server is None:
            message = "the tap listens inside async with only"
            raise RuntimeError(message)
        host, port = self._server.sockets[0].getsockname()[:2]
        return Address(host, port)

    @property
    def last_source(self) -> str:
        """Where the server saw the latest connection come from; nothing when there was none."""
        return self.flows[-1].source if self.flows else ""

    async def __aenter__(self) -> Self:
        """Listen on a loopback port of the kernel's choice."""
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening and end what is still live."""
        if self._server is not None:
            self._server.close()
        live = tuple(self._live)
        for task in live:
            task.cancel()
        await asyncio.gather(*live, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._pass(reader, writer))
        self._live.add(task)
        task.add_done_callback(self._live.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                far_reader, far_writer = await asyncio.open_connection(*self._target)
        except (OSError, TimeoutError):
            writer.close()
            return
        flow = Flow(text_of(far_writer.get_extra_info("sockname")))
        self.flows.append(flow)
        try:
            await asyncio.gather(
                _copy(reader, far_writer, flow, Direction.TO_SERVER),
                _copy(far_reader, writer, flow, Direction.TO_CLIENT),
            )
        finally:
            far_writer.close()
            writer.close()


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flow: Flow, direction: Direction
) -> None:
    # A reset on one side shows as an end on the other: a tap has nothing to add to it.
    with suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            flow.keep(direction, data)
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.write_eof()
