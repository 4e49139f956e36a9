"""Carries attempts out and collects the evidence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from catflap.core import clock
from catflap.prove.attempt import Attempt, Ended, Outcome, Sighting, Witness
from catflap.prove.evidence import LIMITS, Evidence, weigh
from catflap.prove.wire import ResetAtOnceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from catflap.prove.eventfeed import EventFeed
    from catflap.prove.scene import Scene

__all__ = ("Engine",)

_LIMIT = 20.0
_WITNESS_SECONDS = 8.0
_TRIES = 3


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
        return [await self._finish(attempt, await self._try(attempt)) for attempt in attempts]

    async def at_once(self, attempts: Sequence[Attempt]) -> list[Evidence]:
        """Carry out attempts together, for most of them only wait; the order is kept.

        What the crowd made too slow is tried again once the crowd is gone.
        """

        async def first(attempt: Attempt) -> Evidence:
            """Try once; what may be tried again is told later."""
            evidence = await self._try(attempt)
            if not _only_slow(evidence):
                self._told(evidence)
            return evidence

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(first(attempt)) for attempt in attempts]
        found = [task.result() for task in tasks]
        for place, attempt in enumerate(attempts):
            if _only_slow(found[place]):
                found[place] = await self._finish(attempt, found[place])
        return found

    async def _finish(self, attempt: Attempt, evidence: Evidence) -> Evidence:
        """Try again while only time was short, and tell the last of it."""
        for number in range(2, _TRIES + 1):
            if not _only_slow(evidence):
                break
            before = f"try {number}; before it: {evidence.outcome}, {evidence.rule or 'no rule'}"
            evidence = await self._try(attempt)
            note = f"{evidence.note}; {before}" if evidence.note else before
            evidence = msgspec.structs.replace(evidence, note=note)
        self._told(evidence)
        return evidence

    async def _try(self, attempt: Attempt) -> Evidence:
        started = clock.monotonic()
        seen = await self._see(attempt)
        seconds = clock.monotonic() - started
        event = None
        if seen.source:
            witness = self._witnesses[attempt.witness]
            event = await witness.verdict(seen.source, _WITNESS_SECONDS)
        return weigh(attempt, seen, event, seconds)

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


def _only_slow(evidence: Evidence) -> bool:
    """Whether a limit of time came before what was to be seen, as on a machine that stalls.

    Somebody who was served and should not have been is a finding at the first try.
    """
    if evidence.as_expected or evidence.outcome is Outcome.SERVED:
        return False
    return evidence.outcome is Outcome.UNCLEAR or evidence.rule in LIMITS
