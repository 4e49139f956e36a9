"""When the door is open, summer time and nights included."""

from __future__ import annotations

import contextlib
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.bridge.identities import PolicyError, parse_hours
from catflap.bridge.policy import Policy
from catflap.core.nouns import Peer
from catflap.guard.guard import Guard

PEER = Peer("192.0.2.1", 1)


def _at(text: str, zone: str = "Europe/Berlin") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T08:00", True),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T07:59", False),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T18:00", False),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-22T12:00", False),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-07-06T08:30", True),
        ("Sat,Sun 00:00-24:00 Europe/Berlin", "2026-11-22T23:59", True),
        ("Fri-Mon 10:00-11:00 Europe/Berlin", "2026-11-22T10:30", True),
        ("Fri-Mon 10:00-11:00 Europe/Berlin", "2026-11-24T10:30", False),
        ("Fri 22:00-06:00 Europe/Berlin", "2026-11-27T23:00", True),
        ("Fri 22:00-06:00 Europe/Berlin", "2026-11-28T05:59", True),
        ("Fri 22:00-06:00 Europe/Berlin", "2026-11-28T22:30", False),
        ("08:00-09:00 UTC", "2026-11-23T09:30", True),
    ],
)
def test_open_hours(hours, moment, is_open):
    """By the wall clock of their zone; an end before the start is on the next day."""
    guard = Guard(policy=Policy(hours=(parse_hours(hours),)))
    decision = guard.admit(PEER, _at(moment))
    assert decision.allowed is is_open
    assert is_open or decision.rule == "hours"


def test_any_of_several_stretches():
    """One that is open is enough; none at all is never."""
    both = tuple(parse_hours(text) for text in ("08:00-09:00 UTC", "12:00-13:00 UTC"))
    noon = _at("2026-11-23T12:30", "UTC")
    assert Guard(policy=Policy(hours=both)).admit(PEER, noon).allowed
    assert not Guard(policy=Policy(hours=())).admit(PEER, noon).allowed


def test_dates():
    """A bridge for a fortnight closes by itself."""
    guard = Guard(policy=Policy(not_before=100.0, not_after=200.0))
    assert guard.admit(PEER, 50.0).rule == "not-yet-open"
    assert guard.admit(PEER, 150.0).allowed
    assert guard.admit(PEER, 250.0).rule == "no-longer-open"


@pytest.mark.parametrize(
    "text",
    ["", "8-18", "Mon 08:00", "Mon-Foo 08:00-18:00", "Mon 25:00-26:00", "Mon 08:61-09:00",
     "Mon 08:00-08:00", "Mon 24:00-08:00", "Mon 08:00-18:00 Mars/Olympus"],
)  # fmt: skip
def test_hours_that_mean_nothing(text):
    """What is not hours is refused with its place."""
    with pytest.raises(PolicyError) as caught:
        parse_hours(text)
    start, end = caught.value.at
    assert 0 <= start <= end <= len(text)


@given(st.text(max_size=30))
def test_any_text_is_hours_or_refused(text):
    """Nothing else can come of a text."""
    with contextlib.suppress(PolicyError):
        parse_hours(text)
