"""The ways in which attempts speak to a port."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from catflap.prove.attempt import Ended, Sighting
from catflap.prove.wire import connect, is_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from catflap.prove.scene import Scene
    from catflap.prove.wire import Wire
    from catflap.tls.hostile import HostileClient

__all__ = ("LIMIT", "hold", "talk_plain", "talk_tls")

LIMIT = 8.0
"""Seconds after which an attempt has shown what it had to show."""


async def talk_tls(
    scene: Scene, client: HostileClient, request: bytes, *, source: str = ""
) -> Sighting:
    """Do the handshake, ask, and see what comes of it."""
    async with connect(scene.target, source or scene.source) as wire:
        return await _within_limit(wire, _converse(wire, client, request))


async def _converse(wire: Wire, client: HostileClient, request: bytes) -> Sighting:
    asked = False
    received = b""
    while True:
        sending = client.step(received)
        if sending:
            await wire.write(sending)
        if client.over:
            ended = Ended.ALERT if client.alert else Ended.CLOSED
            return Sighting(wire.source, ended, client.alert)
        if is_answer(client.answer):
            await wire.write(client.close())
            return Sighting(wire.source, Ended.ANSWERED)
        if client.established and not asked:
            asked = True
            await wire.write(client.say(request))
        received = await wire.read()
        if not received:
            return Sighting(wire.source, Ended.CLOSED)


async def talk_plain(scene: Scene, data: bytes, *, source: str = "") -> Sighting:
    """Send bytes as they are, and see what comes of it."""
    async with connect(scene.target, source or scene.source) as wire:
        return await _within_limit(wire, _await_end(wire, data))


async def hold(wire: Wire, data: bytes, pause: float) -> Sighting:
    """Send ``data`` one byte at a time with ``pause`` seconds between, then wait for the end."""
    return await _within_limit(wire, _dribble(wire, data, pause))


async def _await_end(wire: Wire, data: bytes) -> Sighting:
    received = b""
    if data:
        await wire.write(data)
    while more := await wire.read():
        received += more
        if is_answer(received):
            return Sighting(wire.source, Ended.ANSWERED)
    return Sighting(wire.source, Ended.CLOSED)


async def _dribble(wire: Wire, data: bytes, pause: float) -> Sighting:
    async def send() -> None:
        for byte in data:
            await wire.write(bytes((byte,)))
            await asyncio.sleep(pause)

    sender = asyncio.get_running_loop().create_task(send())
    try:
        return await _await_end(wire, b"")
    finally:
        sender.cancel()
        await asyncio.wait([sender])


async def _within_limit(wire: Wire, doing: Awaitable[Sighting]) -> Sighting:
    try:
        async with asyncio.timeout(LIMIT):
            return await doing
    except TimeoutError:
        return Sighting(wire.source, Ended.OPEN, note=f"still open after {LIMIT:g} s")
    except ConnectionError:
        return Sighting(wire.source, Ended.RESET)
