"""Carries attempts out and collects the evidence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.prove.attempt import Attempt, Ended, Sighting, Witness
from catflap.prove.evidence import Evidence, weigh
from catflap.prove.wire import ResetAtOnceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from catflap.prove.eventfeed import EventFeed
    from catflap.prove.scene import Scene

__all__ = ("Engine",)

_LIMIT = 9.0
_WITNESS_SECONDS = 3.0


class Engine:
    """Tries attempts on one scene.

    Args:
        scene: what they act upon.
        witnesses: the events of each bridge that may be asked.
        told: is told each piece of evidence as it comes.
    """

    def __init__(
        self,
        scene: Scene,
        witnesses: Mapping[Witness, EventFeed],
        told: Callable[[Evidence], None],
    ) -> None:
        """Prepare; nothing is tried yet."""
        self._scene = scene
        self._witnesses = witnesses
        self._told = told

    async def one_by_one(self, attempts: Sequence[Attempt]) -> list[Evidence]:
        """Carry out attempts in their order, for those that a crowd would confuse."""
        return [await self._carry_out(attempt) for attempt in attempts]

    async def at_once(self, attempts: Sequence[Attempt]) -> list[Evidence]:
        """Carry out attempts together, for most of them only wait; the order is kept."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._carry_out(attempt)) for attempt in attempts]
        return [task.result() for task in tasks]

    async def _carry_out(self, attempt: Attempt) -> Evidence:
        started = clock.monotonic()
        seen = await self._see(attempt)
        seconds = clock.monotonic() - started
        event = None
        if seen.source:
            witness = self._witnesses[attempt.witness]
            event = await witness.verdict(seen.source, _WITNESS_SECONDS)
        evidence = weigh(attempt, seen, event, seconds)
        self._told(evidence)
        return evidence

    async def _see(self, attempt: Attempt) -> Sighting:
        """What an attempt cannot even begin is unclear, with the reason, and never as expected."""
        try:
            async with asyncio.timeout(_LIMIT):
                return await attempt.act(self._scene)
        except ResetAtOnceError as error:
            return Sighting(error.source, Ended.RESET)
        except TimeoutError:
            return Sighting("", Ended.OPEN, note=f"not over after {_LIMIT:g} s")
        except OSError as error:
            return Sighting("", Ended.OPEN, note=error.strerror or str(error))
