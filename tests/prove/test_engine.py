"""An attempt that cannot even begin, or never ends, is unclear and never as expected."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from catflap.prove import engine
from catflap.prove.attempt import Attempt, Ended, Family, Outcome, Sighting, Witness
from catflap.prove.engine import Engine
from catflap.prove.eventfeed import EventFeed
from catflap.prove.wire import ResetAtOnceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

    from catflap.prove.evidence import Evidence
    from catflap.prove.scene import Scene

DENIED = (
    b'{"event":"denied","time":"2026-01-01T00:00:00Z","session":"1",'
    b'"peer":"127.0.0.66:9","rule":"range","reason":"no"}\n'
)


async def reset_at_once(scene: Scene) -> Sighting:
    raise ResetAtOnceError("127.0.0.66:9")


async def cannot_begin(scene: Scene) -> Sighting:
    raise OSError(99, "Cannot assign requested address")


async def never_ends(scene: Scene) -> Sighting:
    await asyncio.Event().wait()
    raise AssertionError


LATE = DENIED.replace(b'"denied"', b'"handshake-failed"').replace(b"range", b"handshake-timeout")


def at_first_slow() -> Callable[[Scene], Awaitable[Sighting]]:
    """An attempt that takes too long once, from port 8, and then comes from port 9."""
    ports = iter("89")

    async def act(scene: Scene) -> Sighting:
        return Sighting(f"127.0.0.66:{next(ports)}", Ended.CLOSED)

    return act


async def served(scene: Scene) -> Sighting:
    return Sighting("127.0.0.66:9", Ended.ANSWERED)


def carried_out(act: Callable[[Scene], Awaitable[Sighting]]) -> Evidence:
    attempt = Attempt("name", Family.SOURCE, "title", Outcome.DENIED, "range", act)
    told: list[Evidence] = []

    async def story() -> list[Evidence]:
        feed = EventFeed()
        feed.take(DENIED)
        feed.take(LATE.replace(b":9", b":8"))
        trial = Engine(cast("Scene", None), {Witness.SERVER: feed}, told.append)
        return await trial.at_once([attempt])

    (evidence,) = asyncio.run(story())
    assert told == [evidence]
    return evidence


def test_a_connection_that_is_reset_while_it_is_made_still_has_its_event() -> None:
    evidence = carried_out(reset_at_once)
    assert evidence.as_expected
    assert evidence.ended is Ended.RESET


def test_what_cannot_begin_says_why() -> None:
    evidence = carried_out(cannot_begin)
    assert evidence.outcome is Outcome.UNCLEAR
    assert evidence.note.startswith("Cannot assign requested address; try 3")


def test_what_only_took_too_long_is_tried_again() -> None:
    evidence = carried_out(at_first_slow())
    assert evidence.as_expected
    assert evidence.note == "try 2; before it: dropped, handshake-timeout"


def test_a_stranger_who_is_served_once_is_found_out_at_once() -> None:
    evidence = carried_out(served)
    assert (evidence.outcome, evidence.note) == (Outcome.SERVED, "")
    assert not evidence.as_expected


def test_what_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_LIMIT", 0.05)
    evidence = carried_out(never_ends)
    assert evidence.outcome is Outcome.UNCLEAR
    assert "not over" in evidence.note
