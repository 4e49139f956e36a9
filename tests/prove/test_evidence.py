"""Both sides must agree, and an answer that got through is served whatever anybody says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from catflap.events import model
from catflap.prove.attempt import Attempt, Ended, Family, Outcome, Sighting
from catflap.prove.evidence import weigh

if TYPE_CHECKING:
    from catflap.prove.eventfeed import Verdict
    from catflap.prove.scene import Scene

PEER = "127.0.0.1:4000"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

OPENED = model.Opened(time=NOW, session="s", peer=PEER, to="api", rule="client-certificate")
DENIED = model.Denied(time=NOW, session="s", peer=PEER, rule="range", reason="not here")
EXPIRED = model.HandshakeFailed(
    time=NOW, session="s", peer=PEER, rule="certificate-expired", reason="too old"
)
SLOW = model.HandshakeFailed(
    time=NOW, session="s", peer=PEER, rule="handshake-timeout", reason="too slow"
)
WRONG_NAME = model.ConnectFailed(
    time=NOW, session="s", peer=PEER, to="x", reason="other", rule="certificate-wrong-name"
)
UNREACHED = model.ConnectFailed(time=NOW, session="s", peer=PEER, to="x", reason="no route")


async def _never(scene: Scene) -> Sighting:
    raise NotImplementedError


def attempt(expected: Outcome, rule: str) -> Attempt:
    return Attempt("name", Family.IDENTITY, "title", expected, rule, _never)


@pytest.mark.parametrize(
    ("ended", "event", "outcome"),
    [
        (Ended.ANSWERED, OPENED, Outcome.SERVED),
        (Ended.ANSWERED, DENIED, Outcome.SERVED),
        (Ended.ANSWERED, None, Outcome.SERVED),
        (Ended.RESET, DENIED, Outcome.DENIED),
        (Ended.CLOSED, DENIED, Outcome.DENIED),
        (Ended.ALERT, EXPIRED, Outcome.REFUSED),
        (Ended.RESET, EXPIRED, Outcome.REFUSED),
        (Ended.CLOSED, SLOW, Outcome.DROPPED),
        (Ended.RESET, WRONG_NAME, Outcome.REFUSED),
        (Ended.RESET, UNREACHED, Outcome.UNCLEAR),
        (Ended.RESET, OPENED, Outcome.UNCLEAR),
        (Ended.RESET, None, Outcome.UNCLEAR),
        (Ended.OPEN, EXPIRED, Outcome.UNCLEAR),
        (Ended.OPEN, None, Outcome.UNCLEAR),
    ],
)
def test_the_outcome_is_what_both_sides_say(
    ended: Ended, event: Verdict | None, outcome: Outcome
) -> None:
    row = weigh(attempt(Outcome.REFUSED, "x"), Sighting(PEER, ended), event, 0.1)
    assert row.outcome is outcome


def test_the_right_outcome_by_the_wrong_rule_is_not_as_expected() -> None:
    seen = Sighting(PEER, Ended.ALERT, "unknown ca")
    assert not weigh(attempt(Outcome.REFUSED, "not-tls"), seen, EXPIRED, 0.1).as_expected
    assert weigh(attempt(Outcome.REFUSED, "certificate-expired"), seen, EXPIRED, 0.1).as_expected


def test_a_silent_witness_is_told_as_such() -> None:
    row = weigh(attempt(Outcome.REFUSED, "x"), Sighting(PEER, Ended.CLOSED), None, 0.1)
    assert "said nothing" in row.reason
    assert not row.as_expected
