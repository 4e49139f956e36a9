"""Requests a second by wrk, sixteen clients: connections kept or new, plain or TLS in front."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.lab import BackendKind
from bench.load.wrk import run_wrk
from bench.measure.model import PLAIN, Case, Measure, Scenario
from bench.peers import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measure.model import Visit

__all__ = ("FAILED", "REQUESTS", "measure_requests")

FAILED = ".failed"  # what the name of a count of failures ends in


def measure_requests(
    name: str, door: Door, scheme: str, visit: Visit, *, new: bool
) -> Mapping[str, float]:
    """Run wrk against a door; what failed is told beside the rate, under NAME and FAILED."""
    # By address, not by name: wrk would try ::1 first.
    url = f"{scheme}://127.0.0.1:{visit.port(door)}/"
    got = run_wrk(url, max(1, round(visit.seconds)), new_connections=new)
    return {name: got.rate} | ({name + FAILED: float(got.errors)} if got.errors else {})


def _case(word: str, door: Door, scheme: str, *, new: bool) -> Case:
    name = f"requests-{word}-{'new' if new else 'kept'}"
    title = f"requests, {word}, {'new' if new else 'kept'} connections"
    needs = PLAIN if door is Door.PLAIN else frozenset({door})
    sample = partial(measure_requests, name, door, scheme, new=new)
    return Case(name, (Measure(name, title, "/s"),), needs, sample)


REQUESTS = Scenario(
    "requests",
    BackendKind.WEB,
    (
        _case("plain", Door.PLAIN, "http", new=False),
        _case("plain", Door.PLAIN, "http", new=True),
        _case("tls", Door.TLS_FRONT, "https", new=False),
        _case("tls", Door.TLS_FRONT, "https", new=True),
    ),
)
