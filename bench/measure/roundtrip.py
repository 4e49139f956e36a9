"""The round trip of 64 bytes on one kept connection: median and 99th percentile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.helpers import Helper
from bench.lab import BackendKind
from bench.measure.model import PAIR, PLAIN, Case, Measure, Scenario
from bench.peers import Door
from bench.processes import Crew

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measure.model import Visit

__all__ = ("ROUNDTRIP",)

_GRACE_SECONDS = 30.0


def _measure(word: str, door: Door, visit: Visit) -> Mapping[str, float]:
    arguments = [str(visit.port(door)), str(visit.seconds)]
    with Crew() as crew:
        client = Helper(crew, "pingpong", arguments, visit.lab.folder)
        answer = client.answer(visit.seconds + _GRACE_SECONDS)
    return {f"roundtrip-{word}-{part}": answer[part] for part in ("p50", "p99")}


def _case(word: str, title: str, door: Door, needs: frozenset[Door]) -> Case:
    measures = tuple(
        Measure(f"roundtrip-{word}-{part}", f"{title}, {part}", "µs", higher_is_better=False)
        for part in ("p50", "p99")
    )
    return Case(f"roundtrip-{word}", measures, needs, partial(_measure, word, door))


ROUNDTRIP = Scenario(
    "roundtrip",
    BackendKind.ECHO,
    (
        _case("plain", "64-byte round trip, plain", Door.PLAIN, PLAIN),
        _case("pair", "64-byte round trip, TLS pair", Door.PAIR_CLIENT, PAIR),
    ),
)
