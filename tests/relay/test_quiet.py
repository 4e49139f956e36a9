"""How long a silence lasts before it is one, by a clock that the test turns."""

from __future__ import annotations

import pytest

from catflap.relay.pump.quiet import QuietRooms


class Clock:
    """Calls what is due when it is turned; stands for the loop."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, object]] = []

    def call_later(self, seconds: float, call) -> object:
        self._due.append((self.now + seconds, call))
        return call

    def turn(self, until: float) -> None:
        while self._due:
            self._due.sort(key=lambda each: each[0])
            moment, call = self._due[0]
            if moment > until:
                break
            self._due.pop(0)
            self.now = moment
            call()
        self.now = until


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_silence_from_the_start_lasts_just_as_long_as_was_said(clock) -> None:
    """A relay that waits a second after one end waits a second, not a quarter more."""
    ended = []
    QuietRooms(clock).watch(lambda: 7, 1.0, lambda: ended.append(clock.now))
    clock.turn(0.99)
    assert not ended
    clock.turn(2)
    assert ended == [1.0]


@pytest.mark.parametrize("last_byte", [0.1, 0.3, 0.49])
def test_silence_is_never_shorter_and_at_most_a_quarter_longer(clock, last_byte) -> None:
    """Whenever the last byte came."""
    ended, moved = [], [0]
    QuietRooms(clock).watch(lambda: moved[0], 1.0, lambda: ended.append(clock.now))
    clock.turn(last_byte)
    moved[0] = 1
    clock.turn(5)
    assert last_byte + 1 <= ended[0] <= last_byte + 1.25


def test_who_comes_between_two_looks_has_all_of_it(clock) -> None:
    """A room that looks already takes the measure of a newcomer first."""
    ended = []
    rooms = QuietRooms(clock)
    rooms.watch(lambda: 0, 1.0, lambda: ended.append(("first", clock.now)))
    clock.turn(0.2)
    rooms.watch(lambda: 0, 1.0, lambda: ended.append(("second", clock.now)))
    clock.turn(5)
    assert ended == [("first", 1.0), ("second", 1.25)]
