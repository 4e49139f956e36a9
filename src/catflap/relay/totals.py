"""How many there are at once, in one process or over all workers, never more than a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from catflap.relay.counters import Counters

__all__ = ("LocalTotal", "SharedTotal", "Total")

_FIRST_LOCK = 1


class Total(Protocol):
    """A number of places that are taken and given back."""

    def is_full(self, limit: int) -> bool:
        """Whether all places of ``limit`` seem taken; 0 is no limit."""

    def take(self, limit: int) -> bool:
        """Take one of ``limit`` places, 0 for no limit; return whether there was one."""

    def give(self) -> None:
        """Give a place back."""


class LocalTotal:
    """Counts in this process."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        """Start with none taken."""
        self.count = 0

    def is_full(self, limit: int) -> bool:
        """Whether all places are taken."""
        return 0 < limit <= self.count

    def take(self, limit: int) -> bool:
        """Take a place."""
        if 0 < limit <= self.count:
            return False
        self.count += 1
        return True

    def give(self) -> None:
        """Give a place back."""
        self.count -= 1


class SharedTotal:
    """Counts over all workers, exactly, and without a lock as long as the limit is far.

    A worker counts itself first and looks then, so it sees everybody who did so before. At most
    one of each worker can be between the two; where the sum leaves that many places, all of them
    may stay. Nearer to the limit they are told apart under a lock.

    Args:
        counters: of the service.
        name: of the counter.
    """

    __slots__ = ("_counters", "_lock", "_row", "_slack")

    def __init__(self, counters: Counters, name: str) -> None:
        """Find the row.

        Raises:
            CountersFullError: no row is left.
        """
        self._counters = counters
        self._row = counters.row(name, live=True)
        self._lock = _FIRST_LOCK + self._row % 1000
        self._slack = counters.columns

    def is_full(self, limit: int) -> bool:
        """Whether all places are taken."""
        return limit > 0 and self._counters.sum(self._row) >= limit

    def take(self, limit: int) -> bool:
        """Take a place."""
        counters, row = self._counters, self._row
        counters.add(row)
        if not limit or counters.sum(row) + self._slack <= limit:
            return True
        counters.add(row, -1)
        with counters.locked(self._lock):
            if counters.sum(row) >= limit:
                return False
            counters.add(row)
            return True

    def give(self) -> None:
        """Give a place back."""
        self._counters.add(self._row, -1)
