"""The heap of credentials: told ten minutes before, ended in time, and free for who left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from catflap.core import clock
from catflap.relay.expiries import WARNED_BEFORE, Expiries

if TYPE_CHECKING:
    from collections.abc import Callable


class _Loop:
    """A loop whose timers the test lets pass."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[..., Any]]] = []

    def call_later(self, delay: float, call: Callable[..., Any]) -> _Loop:
        """Remember the timer."""
        self.timers.append((delay, call))
        return self

    def cancel(self) -> None:
        """Forget it."""
        self.timers.clear()

    def pass_on(self) -> None:
        """Let every timer that waits come due."""
        due, self.timers = self.timers, []
        for _, call in due:
            call()


class _World:
    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.loop = _Loop()
        self.warned: list[str] = []
        self.ended: list[str] = []
        self.expiries: Expiries[str] = Expiries(
            self.loop,  # type: ignore[arg-type]
            self.warned.append,
            self.ended.append,
        )

    def at(self, now: float) -> None:
        """Set the wall clock and let the timer come due."""
        self.now = now
        self.loop.pass_on()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> _World:
    """Return a heap over a clock that the test sets."""
    made = _World()
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made


def test_told_ten_minutes_before_and_ended(world: _World) -> None:
    """A session whose certificate has an hour left is told in time, once, and then ended."""
    end = world.now + 3600
    world.expiries.add(end, "long")
    world.at(end - WARNED_BEFORE - 1)
    assert world.warned == []
    world.at(end - WARNED_BEFORE + 1)
    world.at(end - 1)
    assert (world.warned, world.ended) == (["long"], [])
    world.at(end + 0.01)
    assert world.ended == ["long"]
    assert not world.loop.timers, "nothing is waited for any more"


def test_short_credentials_are_not_told(world: _World) -> None:
    """A certificate that lives minutes gives no event for each session, only the end."""
    world.expiries.add(world.now + 300, "brief")
    world.at(world.now + 301)
    assert (world.warned, world.ended) == ([], ["brief"])


def test_who_left_is_not_ended(world: _World) -> None:
    """A session that is over before is neither told nor ended."""
    end = world.now + 3600
    world.expiries.add(end, "left")
    world.expiries.add(end, "stayed")
    world.expiries.remove(end, "left")
    world.at(end - 60)
    world.at(end + 1)
    assert (world.warned, world.ended) == (["stayed"], ["stayed"])


def test_clock_that_was_set_is_believed(world: _World) -> None:
    """The timer never sleeps long, for the wall clock may jump: then the end has come."""
    world.expiries.add(world.now + 86_400, "day")
    assert world.loop.timers[0][0] <= 1.0
    world.at(world.now + 90_000)
    assert world.ended == ["day"]


def test_short_sessions_leave_nothing(world: _World) -> None:
    """Moments that nobody waits for do not heap up, however many clients come and go."""
    for number in range(100_000):
        until = world.now + 3600 + number
        world.expiries.add(until, "one")
        world.expiries.remove(until, "one")
    assert len(world.expiries) <= 65
