"""The tap passes bytes on unchanged, both ways, and keeps a copy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from catflap.prove.tap import Direction, Tap
from catflap.prove.wire import Address

if TYPE_CHECKING:
    from collections.abc import Callable


def test_bytes_and_ends_pass_both_ways_and_are_kept() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = await reader.read()
        writer.write(question.upper())
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        target = Address(*server.sockets[0].getsockname()[:2])
        async with Tap(target) as tap:
            assert tap.last_source == ""
            reader, writer = await asyncio.open_connection(*tap.address)
            writer.write(b"who is there")
            writer.write_eof()
            assert await reader.read() == b"WHO IS THERE"
            writer.close()
            flow = tap.flows[-1]
            assert tap.last_source == flow.source
            assert flow.carries(b"who is")
            assert flow.carries(b"WHO IS")
            assert {direction for direction, _ in flow.chunks} == set(Direction)
            assert flow.size == 24
        server.close()

    asyncio.run(story())


def test_a_target_that_is_not_there_ends_the_connection(free_port: Callable[[], int]) -> None:
    async def story() -> None:
        async with Tap(Address("127.0.0.1", free_port())) as tap:
            reader, writer = await asyncio.open_connection(*tap.address)
            assert await reader.read() == b""
            writer.close()
            assert tap.flows == []

    asyncio.run(story())
