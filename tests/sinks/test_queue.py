"""Events never make the relay wait; what is lost is counted, and denials are lost last."""

from __future__ import annotations

import errno
import os
import socket
import threading
from typing import TYPE_CHECKING

from catflap.events.model import Denied, Event, EventsDropped, Notice, stamp
from catflap.sinks.queue import EventQueue
from catflap.sinks.syslog import SyslogSink
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest


class _Gate:
    """A sink that takes nothing before it is opened, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.opened = threading.Event()
        self.taken: list[Event] = []
        self.failures = failures
        self.asked = threading.Event()

    def write(self, events: Sequence[Event]) -> None:
        """Take them, once the gate is open."""
        self.asked.set()
        self.opened.wait(PATIENCE)
        if self.failures:
            self.failures -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.taken.extend(events)

    def close(self) -> None:
        """Nothing is held."""


def _notice(text: str) -> Notice:
    return Notice(time=stamp(), message=text)


def _denied(number: int) -> Denied:
    return Denied(time=stamp(), session=str(number), peer="p", rule="range", reason="r")


def test_traffic_is_dropped_and_counted_and_denials_have_room_of_their_own() -> None:
    """Behind a sink that stands still, notices give way; denials still fit; one event says so."""
    sink = _Gate()
    queue = EventQueue(sink, lambda _: None, capacity=10, reserve=5)
    queue.emit(_notice("first"))
    assert sink.asked.wait(PATIENCE), "the thread holds the first"
    for number in range(25):
        queue.emit(_notice(str(number)))
    for number in range(5):
        queue.emit(_denied(number))
    assert not queue.blocked
    queue.emit(_denied(99))
    assert queue.blocked, "no audit event may be lost in silence"
    sink.opened.set()
    eventually(lambda: not queue.blocked, what="room again")
    queue.close(PATIENCE)
    assert len([event for event in sink.taken if isinstance(event, Denied)]) == 5
    assert sum(event.count for event in sink.taken if isinstance(event, EventsDropped)) == 16
    assert len([event for event in sink.taken if isinstance(event, Notice)]) == 11


def test_dropping_is_a_choice() -> None:
    """With --log-full drop even a lost denial does not stop the service."""
    sink = _Gate()
    queue = EventQueue(sink, lambda _: None, capacity=1, reserve=1, drop_when_full=True)
    for number in range(10):
        queue.emit(_denied(number))
    assert not queue.blocked
    sink.opened.set()
    queue.close(PATIENCE)


def test_a_full_disk_loses_nothing_and_is_complained_of_once() -> None:
    """The same events are offered again until they can be written, in their order."""
    sink = _Gate(failures=1)
    sink.opened.set()
    complaints: list[str] = []
    queue = EventQueue(sink, complaints.append)
    for number in range(100):
        queue.emit(_notice(str(number)))
    eventually(lambda: len(sink.taken) == 100, what="all events")
    queue.close(PATIENCE)
    assert [event.message for event in sink.taken if isinstance(event, Notice)] == [
        str(number) for number in range(100)
    ]
    assert len(complaints) == 1
    assert "No space left" in complaints[0]


def test_a_machine_that_stalls_at_the_end_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time that passed while nobody ran is not time that the thread has had."""
    sink, join, stalls = _Gate(), threading.Thread.join, [True]

    def stalled(thread: threading.Thread, timeout: float | None = None) -> None:
        """Return from the first waiting as if its time had passed in no time."""
        if stalls:
            stalls.clear()
            return
        sink.opened.set()
        join(thread, timeout)

    queue = EventQueue(sink, lambda _: None)
    queue.emit(_notice("last"))
    monkeypatch.setattr(threading.Thread, "join", stalled)
    queue.close(PATIENCE)
    assert [event.message for event in sink.taken if isinstance(event, Notice)] == ["last"]


def test_syslog_that_was_restarted_is_found_again(tmp_path: Path) -> None:
    """When the daemon makes its socket anew, the next event goes to the new one."""
    path = str(tmp_path / "log")
    old = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    old.bind(path)
    sink = SyslogSink("json", path)
    sink.write([_notice("one")])
    assert b'"one"' in old.recv(4096)
    old.close()
    os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as new:
        new.bind(path)
        new.settimeout(PATIENCE)
        sink.write([_notice("two")])
        assert b'"two"' in new.recv(4096)
    sink.close()


class _Picky(_Gate):
    """A sink with a defect: it breaks at events that it was not made for."""

    def write(self, events: Sequence[Event]) -> None:
        """Take them, unless one of them is a denial."""
        super().write([event for event in events if not self._breaks(event)])

    def _breaks(self, event: Event) -> bool:
        if isinstance(event, Denied):
            raise TypeError
        return False


def test_one_event_that_cannot_be_written_costs_itself_alone() -> None:
    """A defect at one event must not silence all that come after it; its loss is counted."""
    sink = _Picky()
    told: list[str] = []
    queue = EventQueue(sink, told.append)
    queue.emit(_notice("first"))
    for number in range(20):
        queue.emit(_denied(number) if number in {3, 4, 17} else _notice(str(number)))
    sink.opened.set()
    queue.emit(_notice("last"))
    queue.close(PATIENCE)
    texts = [event.message for event in sink.taken if isinstance(event, Notice)]
    wanted = [str(number) for number in range(20) if number not in {3, 4, 17}]
    assert texts == ["first", *wanted, "last"]
    assert sum(event.count for event in sink.taken if isinstance(event, EventsDropped)) == 3
    assert len(told) == 3
    assert "TypeError" in told[0]
