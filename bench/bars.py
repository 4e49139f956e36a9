"""The bars catflap is held to, as a table, and whether each holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bench.peers import DIRECT, OURS

if TYPE_CHECKING:
    from bench.results import Results

__all__ = ("BARS", "BEST", "Bar", "Outcome", "Verdict", "judge")

BEST = "best peer"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ours over a peer's, or ours alone where no peer is named.

    Attributes:
        measure: its name.
        limit: the ratio, or the number in the measure's unit.
        peer: whose median ours is divided by; BEST is the lowest of all relays.
        at_most: the limit is a ceiling, not a floor.
    """

    measure: str
    limit: float
    peer: str = ""
    at_most: bool = False


class Outcome(Enum):
    """Whether a bar holds."""

    HOLDS = "holds"
    MISSED = "missed"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bar, what was found, and whether it holds."""

    bar: Bar
    found: float | None
    outcome: Outcome


BARS = (
    Bar("throughput-plain-1", 2.0, "socat"),
    Bar("throughput-plain-1", 1.1, "haproxy"),
    Bar("throughput-plain-1", 1.1, "nginx"),
    Bar("throughput-pair-1", 1.3, "socat"),
    Bar("throughput-pair-1", 1.2, "haproxy"),
    Bar("throughput-pair-1", 1.05, "stunnel"),
    Bar("throughput-pair-1", 1.05, "nginx"),
    Bar("roundtrip-plain-p50", 1.2, BEST, at_most=True),
    Bar("requests-plain-kept", 1.2, "socat"),
    Bar("requests-plain-kept", 0.8, "haproxy"),
    Bar("requests-tls-kept", 1.1, "socat"),
    Bar("requests-tls-kept", 0.8, "haproxy"),
    Bar("requests-plain-new", 2.0, "socat"),
    Bar("requests-plain-new", 0.5, "haproxy"),
    Bar("requests-tls-new", 3.5, "socat"),
    Bar("requests-tls-new", 0.9, "stunnel"),
    Bar("requests-tls-new", 0.6, "haproxy"),
    Bar("pair-new", 10.0, "socat"),
    Bar("pair-new", 1.0, "haproxy"),
    Bar("memory-plain-1000", 40.0, at_most=True),
    Bar("memory-plain-5000", 40.0, at_most=True),
    Bar("memory-tls-1000", 100.0, at_most=True),
    Bar("memory-tls-5000", 100.0, at_most=True),
    Bar("start-version", 150.0, at_most=True),
    Bar("start-first-byte", 350.0, at_most=True),
    Bar("start-dropin-version", 150.0, at_most=True),
    Bar("start-dropin-exec", 250.0, at_most=True),
)


def judge(results: Results, bars: tuple[Bar, ...] = BARS) -> list[Verdict]:
    """Return a verdict for every bar."""
    return [_judge(results, bar) for bar in bars]


def _judge(results: Results, bar: Bar) -> Verdict:
    found = _found(results, bar)
    if found is None:
        return Verdict(bar, None, Outcome.UNKNOWN)
    holds = found <= bar.limit if bar.at_most else found >= bar.limit
    return Verdict(bar, found, Outcome.HOLDS if holds else Outcome.MISSED)


def _found(results: Results, bar: Bar) -> float | None:
    ours = OURS.name
    if not bar.peer:
        return results.median(bar.measure, ours)
    if bar.peer != BEST:
        return results.ratio(bar.measure, ours, bar.peer)
    relays = results.samples.get(bar.measure, {}).keys() - {ours, DIRECT.name}
    ratios = [results.ratio(bar.measure, ours, peer) for peer in relays]
    known = [ratio for ratio in ratios if ratio is not None]
    # The best peer is the one that we look worst beside.
    return (max(known) if bar.at_most else min(known)) if known else None
