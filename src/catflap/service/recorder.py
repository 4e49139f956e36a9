"""Counting what happens, from the events that tell it: the log and the metrics cannot disagree.

The numbers are rows of a map that the processes of one service share. Counting takes no lock and
waits for nobody; whoever wants to know reads the map, and what a worker counted outlives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.events.model import (
    Closed,
    ConnectFailed,
    Defect,
    Denied,
    Event,
    HandshakeFailed,
    Opened,
    Reloaded,
    ReloadFailed,
    WorkerEnded,
)
from catflap.relay.counters import Counters, CountersFullError
from catflap.service.measures import METRICS, OTHER, Sort, metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.relay.registry import Registry

__all__ = ("Recorder", "make_metrics_map")

_ROWS_A_BRIDGE = 96
_FEWEST_ROWS = 1024
_MOST_ROWS = 65_536
_SEPARATOR = "\t"
_LIVE = frozenset({"catflap_sessions"})
"""What is gone with the worker that counted it."""

_FLUSH_SECONDS = 1.0
_SESSIONS_A_SECOND = 5_000


def make_metrics_map(workers: int, bridges: int) -> Counters:
    """Return a map for the metrics of a service.

    Args:
        workers: processes besides the parent.
        bridges: how many there are at the start; others may come.
    """
    rows = min(_MOST_ROWS, _FEWEST_ROWS + _ROWS_A_BRIDGE * bridges)
    return Counters.create(workers, rows=rows)


def _kept() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name of every row that is counted in, with the labels of all others."""
    for each in METRICS:
        others = (OTHER,) * len(each.labels)
        if each.sort is Sort.HISTOGRAM:
            yield f"{each.name}_bucket", (*others, "+Inf")
            yield f"{each.name}_sum", others
        elif each.name in _LIVE or each.sort is Sort.COUNTER:
            yield each.name, others


class Recorder:
    """Counts in one process.

    Args:
        counters: the map, as this process sees it.
        registry: the live sessions of this process, whose bytes are counted while they flow.
    """

    def __init__(self, counters: Counters, registry: Registry) -> None:
        """Start with nothing counted."""
        self._counters = counters
        self._registry = registry
        self._rows: dict[tuple[str, ...], int] = {}
        # Made first, so that they are there when nothing else can be made.
        self._others = {
            name: counters.row(_SEPARATOR.join((name, *others)), live=name in _LIVE)
            for name, others in _kept()
        }
        self._flushed: dict[str, tuple[int, int]] = {}
        self._kinds: dict[type[Event], Callable[..., None]] = {
            Opened: self._opened,
            Closed: self._closed,
            Denied: self._denied,
            HandshakeFailed: self._handshake_failed,
            ConnectFailed: self._connect_failed,
            Reloaded: lambda _: self._add("catflap_reloads_total", "done"),
            ReloadFailed: lambda _: self._add("catflap_reloads_total", "failed"),
            WorkerEnded: lambda _: self._add("catflap_worker_restarts_total"),
            Defect: lambda _: self._add("catflap_defects_total"),
        }

    def observe(self, event: Event) -> None:
        """Count an event; never waits."""
        count = self._kinds.get(type(event))
        if count is not None:
            count(event)

    def flush(self, call_later: Callable[..., object]) -> None:
        """Count the bytes of live sessions so far, now and once a second from now on.

        With very many sessions it comes less often, so that it never takes more than a small
        part of the time.
        """
        for session in self._registry:
            if session.was_opened:
                self._moved(session.bridging.name, session.id, *session.moved)
        seconds = max(_FLUSH_SECONDS, len(self._registry) / _SESSIONS_A_SECOND)
        call_later(seconds, self.flush, call_later)

    def _add(self, name: str, *values: str, amount: int = 1) -> None:
        key = (name, *values)
        row = self._rows.get(key)
        if row is None:
            row = self._row(key)
        self._counters.add(row, amount)

    def _row(self, key: tuple[str, ...]) -> int:
        """Return the row of a name with its labels; that of all others once no row is left."""
        others = self._others[key[0]]
        if len(self._rows) > 2 * self._counters.rows:
            return others
        try:
            row = self._counters.row(_SEPARATOR.join(key), live=key[0] in _LIVE)
        except CountersFullError:
            row = others
        self._rows[key] = row
        return row

    def _took(self, name: str, bridge: str, seconds: float) -> None:
        """Count into a histogram: the bucket that it falls into, the sum, the number."""
        bucket = next((str(each) for each in metric(name).buckets if seconds <= each), "+Inf")
        self._add(f"{name}_bucket", bridge, bucket)
        self._add(f"{name}_sum", bridge, amount=round(seconds * 1_000_000))

    def _shook(self, bridge: str, seconds: float) -> None:
        if seconds:
            self._add("catflap_handshakes_total", bridge, "completed")
            self._took("catflap_handshake_seconds", bridge, seconds)

    def _opened(self, event: Opened) -> None:
        bridge = event.bridge
        self._add("catflap_sessions", bridge)
        self._add("catflap_sessions_opened_total", bridge)
        self._shook(bridge, event.handshake)
        if event.tls is not None and event.tls.resumed:
            self._add("catflap_handshakes_resumed_total", bridge)
        if event.connect:
            self._took("catflap_connect_seconds", bridge, event.connect)

    def _closed(self, event: Closed) -> None:
        bridge = event.bridge
        self._add("catflap_sessions", bridge, amount=-1)
        self._add("catflap_sessions_closed_total", bridge, event.closed_by)
        self._moved(bridge, event.session, event.sent, event.received)
        self._flushed.pop(event.session, None)
        self._took("catflap_session_seconds", bridge, event.duration)
        if event.lost:
            self._add("catflap_packets_lost_total", bridge, amount=event.lost)

    def _moved(self, bridge: str, session: str, sent: int, received: int) -> None:
        before = self._flushed.get(session, (0, 0))
        if sent > before[0]:
            self._add("catflap_bytes_total", bridge, "sent", amount=sent - before[0])
        if received > before[1]:
            self._add("catflap_bytes_total", bridge, "received", amount=received - before[1])
        self._flushed[session] = (sent, received)

    def _denied(self, event: Denied) -> None:
        self._shook(event.bridge, event.handshake)
        self._add("catflap_denials_total", event.bridge, event.rule, amount=event.count)

    def _handshake_failed(self, event: HandshakeFailed) -> None:
        self._add("catflap_handshakes_total", event.bridge, event.rule)

    def _connect_failed(self, event: ConnectFailed) -> None:
        self._shook(event.bridge, event.handshake)
        self._add("catflap_connect_failures_total", event.bridge)
