"""One bounded queue between the relay and its sinks, drained by a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Protocol

from catflap.events.model import Event, EventsDropped, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ("EventQueue", "Sink")

_CAPACITY = 65_536
_RESERVE = 8_192
_BATCH_SECONDS = 0.02
_RETRY_SECONDS = 1.0
_MOST_AT_ONCE = 4_096
_TURNS = 20


class Sink(Protocol):
    """Takes events in their order."""

    def write(self, events: Sequence[Event]) -> None:
        """Write all of them.

        Raises:
            OSError: they could not be written; the same events are offered again later.
        """

    def close(self) -> None:
        """Release what is held."""


class EventQueue:
    """Takes events without ever making the relay wait.

    When the room for traffic is full, traffic events are dropped, counted, and told by one event.
    Denials and other audit events have reserved room; when that is full too, ``blocked`` asks the
    listeners to refuse new sessions, unless ``drop_when_full``.

    Args:
        sink: where the events go.
        complain: called once, from the sink's thread, with what is wrong with the sink.
    """

    def __init__(
        self,
        sink: Sink,
        complain: Callable[[str], None],
        *,
        capacity: int = _CAPACITY,
        reserve: int = _RESERVE,
        drop_when_full: bool = False,
    ) -> None:
        """Start the thread."""
        self._sink = sink
        self._complain = complain
        self._capacity = capacity
        self._limit = capacity + reserve
        self._drop_when_full = drop_when_full
        self._events: deque[Event] = deque()
        # Counted by whoever emits, told by the thread: each writes its own number only.
        self._dropped = 0
        self._told = 0
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self.blocked = False
        self._thread = threading.Thread(target=self._drain, name="catflap-events", daemon=True)
        self._thread.start()

    def emit(self, event: Event) -> None:
        """Hand over one event; never waits."""
        waiting = len(self._events)
        if waiting >= self._capacity and (not event.audit or waiting >= self._limit):
            self._dropped += 1
            if event.audit and not self._drop_when_full:
                self.blocked = True
            return
        self._events.append(event)
        if not self._awake.is_set():
            self._awake.set()

    def close(self, timeout: float = 2.0) -> None:
        """Write what is left, for at most ``timeout`` seconds, and end the thread.

        The time is taken in parts: when the whole machine stalls, the thread has not had what
        passed meanwhile, and loses one part of it.
        """
        self._stopping.set()
        self._awake.set()
        for _ in range(_TURNS):
            self._thread.join(timeout / _TURNS)
            if not self._thread.is_alive():
                break
        if not self._thread.is_alive():
            self._sink.close()

    def _drain(self) -> None:
        failing = False
        while True:
            self._awake.wait()
            self._awake.clear()
            batch = self._take()
            while batch:
                try:
                    self._sink.write(batch)
                except OSError as error:
                    if not failing:
                        self._complain(f"events cannot be written: {error.strerror or error}")
                    failing = True
                    if self._stopping.wait(_RETRY_SECONDS):
                        return
                    continue
                except Exception as error:  # noqa: BLE001 - a defect in one must not silence the rest
                    batch = self._narrowed(batch, error)
                    continue
                failing = False
                self.blocked = False
                batch = self._take()
            if self._stopping.is_set() and not self._events:
                return
            self._stopping.wait(_BATCH_SECONDS)

    def _narrowed(self, batch: list[Event], error: Exception) -> list[Event]:
        """Return what to try next of events of which one cannot be written by a defect of ours."""
        if len(batch) == 1:
            self._complain(f"an event of the kind {type(batch[0]).__name__} is lost: {error!r}")
            self._dropped += 1
            return self._take()
        half = len(batch) // 2
        self._events.extendleft(reversed(batch[half:]))
        return batch[:half]

    def _take(self) -> list[Event]:
        batch: list[Event] = []
        dropped = self._dropped
        if dropped > self._told:
            batch.append(EventsDropped(time=stamp(), count=dropped - self._told))
            self._told = dropped
        events = self._events
        batch.extend(events.popleft() for _ in range(min(len(events), _MOST_AT_ONCE)))
        return batch
