"""The events of a bridge as they come, and the one that speaks about a given peer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from catflap.events import model

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ("EventFeed", "Verdict")

Verdict = model.Opened | model.Denied | model.HandshakeFailed | model.ConnectFailed
"""The events that say what became of a connection."""

_VERDICTS = (model.Opened, model.Denied, model.HandshakeFailed, model.ConnectFailed)
_decoder = msgspec.json.Decoder(Verdict | model.Listening | model.Warned)
_tagged = msgspec.json.Decoder(dict[str, object])


class EventFeed:
    """What one bridge told so far."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._verdicts: dict[str, Verdict] = {}
        self._listening: model.Listening | None = None
        self._changed = asyncio.Event()
        self._over = False
        self._complaints: list[str] = []
        self.warnings: list[model.Warned] = []

    @property
    def complaint(self) -> str:
        """What it said besides events, on one line."""
        return "; ".join(self._complaints)

    async def follow(self, lines: asyncio.StreamReader) -> None:
        """Take line after line until there are no more."""
        try:
            while line := await lines.readline():
                self.take(line)
        finally:
            self._over = True
            self._changed.set()

    def take(self, line: bytes) -> None:
        """Take one line; what is no event is a complaint."""
        try:
            event = _decoder.decode(line)
        except msgspec.DecodeError:
            if not _is_event(line):
                self._complaints.append(line.decode("utf-8", "replace").strip())
            return
        if isinstance(event, model.Listening):
            self._listening = event
        elif isinstance(event, model.Warned):
            self.warnings.append(event)
        else:
            self._verdicts[event.peer] = event
        self._changed.set()

    async def listening(self, seconds: float) -> model.Listening | None:
        """Wait until it listens; ``None`` when it ended or the time is up."""
        return await self._wait(lambda: self._listening, seconds)

    async def verdict(self, peer: str, seconds: float) -> Verdict | None:
        """Wait for what it has to say about the connection from ``peer``."""
        return await self._wait(lambda: self._verdicts.get(peer), seconds)

    async def _wait(self, find: Callable[[], T | None], seconds: float) -> T | None:
        try:
            async with asyncio.timeout(seconds):
                while (found := find()) is None and not self._over:
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            return None


def _is_event(line: bytes) -> bool:
    """Whether the line is an event of a kind that is not asked about here."""
    try:
        return "event" in _tagged.decode(line)
    except msgspec.DecodeError:
        return False
