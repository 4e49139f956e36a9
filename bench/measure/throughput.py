"""Bytes a second, one way, on one stream and on eight: plain, and through a TLS pair."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.lab import BackendKind
from bench.measure.model import PAIR, PLAIN, Case, Measure, Scenario
from bench.peers import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measure.model import Visit

__all__ = ("THROUGHPUT",)

_ROOT = Path(__file__).resolve().parent.parent.parent
_GRACE_SECONDS = 30.0


def _measure(name: str, door: Door, streams: int, visit: Visit) -> Mapping[str, float]:
    """Push for a while; the rate is what the sink saw between its first and last byte."""
    sink = visit.backend.helper if visit.backend else None
    if sink is None:
        raise BenchError("there is no sink")
    sink.drain()
    arguments = [str(visit.port(door)), str(streams), str(visit.seconds)]
    words = [sys.executable, "-m", "bench.load.pump", *arguments]
    limit = visit.seconds + _GRACE_SECONDS
    try:
        done = subprocess.run(
            words, cwd=_ROOT, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"the pump did not end in {limit:.0f} s") from error
    if done.returncode:
        raise BenchError(f"the pump failed: {done.stderr[-300:]}")
    answers = [sink.answer(_GRACE_SECONDS) for _ in range(streams)]
    spent = max(one["last"] for one in answers) - min(one["first"] for one in answers)
    if spent <= 0:
        raise BenchError("nothing arrived")
    return {name: sum(one["bytes"] for one in answers) / spent / 1e6}


def _case(word: str, title: str, door: Door, needs: frozenset[Door], streams: int) -> Case:
    name = f"throughput-{word}-{streams}"
    number = "1 stream" if streams == 1 else f"{streams} streams"
    measure = Measure(name, f"{title}, {number}", "MB/s")
    return Case(name, (measure,), needs, partial(_measure, name, door, streams))


THROUGHPUT = Scenario(
    "throughput",
    BackendKind.SINK,
    (
        _case("plain", "plain TCP", Door.PLAIN, PLAIN, 1),
        _case("plain", "plain TCP", Door.PLAIN, PLAIN, 8),
        _case("pair", "TLS pair", Door.PAIR_CLIENT, PAIR, 1),
        _case("pair", "TLS pair", Door.PAIR_CLIENT, PAIR, 8),
    ),
)
