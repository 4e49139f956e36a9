"""What a run found: every sample as taken, medians and ratios derived from them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

__all__ = ("Results",)


@dataclass(slots=True)
class Results:
    """All raw numbers of a run.

    Attributes:
        environment: where and with what it ran.
        runs: how many alternating runs were asked for.
        samples: measure -> peer -> one number a run.
        problems: what could not be measured or went wrong meanwhile, in sentences.
    """

    environment: dict[str, str]
    runs: int
    samples: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, measure: str, peer: str, value: float) -> None:
        """Keep one sample."""
        self.samples.setdefault(measure, {}).setdefault(peer, []).append(value)

    def median(self, measure: str, peer: str) -> float | None:
        """Return the median, None if it was not measured."""
        values = self.samples.get(measure, {}).get(peer)
        return statistics.median(values) if values else None

    def ratio(self, measure: str, ours: str, peer: str) -> float | None:
        """Return our median divided by a peer's, None if either lacks or is nothing."""
        mine, other = self.median(measure, ours), self.median(measure, peer)
        return mine / other if mine is not None and other else None
