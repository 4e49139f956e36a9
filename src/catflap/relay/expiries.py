"""When credentials expire: one heap, one timer, whoever shares a moment in one place.

Most sessions are over long before their certificate is. So a session costs no entry of its own:
those whose certificates end at the same second share one, and coming and going is one set's work.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Generic, TypeVar

from catflap.core import clock

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from catflap.relay.poller import Poller

__all__ = ("WARNED_BEFORE", "Expiries")

T = TypeVar("T")
WARNED_BEFORE = 600.0
"""Seconds before the end at which it is told."""
_LONGEST_SLEEP = 1.0
"""The wall clock may be set, and a machine may sleep; certificates go by that clock."""
_FEW = 64


class Expiries(Generic[T]):
    """Calls when a moment of the wall clock has passed, and ten minutes before.

    Args:
        loop: whose timer it uses.
        warn: called for each guest ten minutes before its moment, if it was there by then.
        end: called for each guest once the moment has passed.
    """

    def __init__(self, loop: Poller, warn: Callable[[T], None], end: Callable[[T], None]) -> None:
        """Wait for nothing yet."""
        self._loop = loop
        self._warn = warn
        self._end = end
        self._heap: list[tuple[float, float]] = []
        self._guests: dict[float, set[T]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sweep_at = _FEW

    def __len__(self) -> int:
        """Return how many moments are waited for."""
        return len(self._guests)

    def add(self, until: float, guest: T) -> None:
        """Wait for a moment.

        Args:
            until: seconds since the epoch.
            guest: who is ended after it.
        """
        guests = self._guests.get(until)
        if guests is None:
            self._sweep()
            guests = self._guests[until] = set()
            heapq.heappush(self._heap, (until, until))
            if until - WARNED_BEFORE > clock.now():
                heapq.heappush(self._heap, (until - WARNED_BEFORE, until))
        guests.add(guest)
        self._arm()

    def remove(self, until: float, guest: T) -> None:
        """Wait no more for this guest."""
        guests = self._guests.get(until)
        if guests is not None:
            guests.discard(guest)

    def close(self) -> None:
        """Wait for nothing."""
        self._heap.clear()
        self._guests.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sweep(self) -> None:
        """Forget the moments that nobody waits for, each time that their number has doubled."""
        if len(self._guests) < self._sweep_at:
            return
        self._guests = {until: guests for until, guests in self._guests.items() if guests}
        self._heap = [entry for entry in self._heap if entry[1] in self._guests]
        heapq.heapify(self._heap)
        self._sweep_at = max(_FEW, 2 * len(self._guests))

    def _arm(self) -> None:
        if self._timer is None and self._heap:
            rest = self._heap[0][0] - clock.now()
            delay = min(max(rest, 0.0) + 0.001, _LONGEST_SLEEP)
            self._timer = self._loop.call_later(delay, self._look)

    def _look(self) -> None:
        self._timer = None
        now = clock.now()
        due: list[tuple[T, bool]] = []
        while self._heap and self._heap[0][0] < now:
            moment, until = heapq.heappop(self._heap)
            ends = moment == until
            found = self._guests.pop(until, None) if ends else self._guests.get(until)
            due.extend((guest, ends) for guest in found or ())
        self._arm()
        for guest, ends in due:
            if ends:
                self._end(guest)
            else:
                self._warn(guest)
