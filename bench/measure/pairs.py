"""Mutual TLS pairs a second: each new connection crosses client relay, TLS, server relay."""

from __future__ import annotations

from functools import partial

from bench.lab import BackendKind
from bench.measure.model import PAIR, Case, Measure, Scenario
from bench.measure.requests import measure_requests
from bench.peers import Door

__all__ = ("PAIRS",)


def _case(name: str, title: str, *, new: bool) -> Case:
    sample = partial(measure_requests, name, Door.PAIR_CLIENT, "http", new=new)
    return Case(name, (Measure(name, title, "/s"),), PAIR, sample)


PAIRS = Scenario(
    "pairs",
    BackendKind.WEB,
    (
        _case("pair-kept", "requests, TLS pair, kept connections", new=False),
        _case("pair-new", "mutual TLS pairs", new=True),
    ),
)
