"""Which numbers are kept, under which names: one row a metric; Prometheus's conventions hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ("BUCKETS", "DURATIONS", "METRICS", "OTHER", "Metric", "Sort", "metric")

OTHER = "_other"
"""The label for what came when every row had a name already: cardinality is bounded."""


class Sort(Enum):
    """What a number is."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Args:
        name: with its unit, without the suffix that histograms get.
        help: one line.
        labels: the names of its labels, in the order of their values.
        buckets: upper bounds of a histogram, in its unit.
    """

    name: str
    sort: Sort
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, for what a newcomer waits for."""

DURATIONS = (0.01, 0.1, 1.0, 10.0, 60.0, 300.0, 1800.0, 3600.0, 14400.0, 86400.0)
"""Seconds, for how long sessions last."""

_BRIDGE = ("bridge",)

METRICS: tuple[Metric, ...] = (
    Metric("catflap_sessions", Sort.GAUGE, "Sessions that are open.", _BRIDGE),
    Metric("catflap_sessions_opened_total", Sort.COUNTER, "Sessions that were opened.", _BRIDGE),
    Metric(
        "catflap_sessions_closed_total",
        Sort.COUNTER,
        "Sessions that are over, by who closed them.",
        ("bridge", "closed_by"),
    ),
    Metric(
        "catflap_handshakes_total",
        Sort.COUNTER,
        "Handshakes with clients by outcome: completed, or the rule by which they failed.",
        ("bridge", "outcome"),
    ),
    Metric(
        "catflap_handshakes_resumed_total",
        Sort.COUNTER,
        "Opened sessions whose handshake resumed an earlier one.",
        _BRIDGE,
    ),
    Metric(
        "catflap_denials_total",
        Sort.COUNTER,
        "Peers that were turned away, by rule.",
        ("bridge", "rule"),
    ),
    Metric(
        "catflap_connect_failures_total",
        Sort.COUNTER,
        "Far sides that could not be opened.",
        _BRIDGE,
    ),
    Metric(
        "catflap_bytes_total",
        Sort.COUNTER,
        "Bytes relayed: sent from the near to the far side, received the other way.",
        ("bridge", "direction"),
    ),
    Metric(
        "catflap_packets_lost_total",
        Sort.COUNTER,
        "Packets that could not be passed on.",
        _BRIDGE,
    ),
    Metric(
        "catflap_reloads_total",
        Sort.COUNTER,
        "Reloads by outcome: done or failed.",
        ("outcome",),
    ),
    Metric("catflap_defects_total", Sort.COUNTER, "Defects of catflap itself."),
    Metric(
        "catflap_handshake_seconds",
        Sort.HISTOGRAM,
        "From accept to the end of the handshake.",
        _BRIDGE,
        BUCKETS,
    ),
    Metric(
        "catflap_connect_seconds",
        Sort.HISTOGRAM,
        "Opening the far side, where it had to be waited for.",
        _BRIDGE,
        BUCKETS,
    ),
    Metric(
        "catflap_session_seconds",
        Sort.HISTOGRAM,
        "How long sessions lasted, from accept to close.",
        _BRIDGE,
        DURATIONS,
    ),
    Metric(
        "catflap_certificate_expires_timestamp_seconds",
        Sort.GAUGE,
        "When the first certificate of a file is no longer valid.",
        ("bridge", "file"),
    ),
    Metric("catflap_workers", Sort.GAUGE, "Processes that serve."),
    Metric("catflap_worker_restarts_total", Sort.COUNTER, "Workers that died and were replaced."),
    Metric("catflap_ready", Sort.GAUGE, "1 while new sessions are taken, else 0."),
    Metric("catflap_start_time_seconds", Sort.GAUGE, "When the service began."),
    Metric("catflap_build_info", Sort.GAUGE, "1, labelled with the version.", ("version",)),
)

_BY_NAME = {each.name: each for each in METRICS}


def metric(name: str) -> Metric:
    """Return the metric of a name."""
    return _BY_NAME[name]
