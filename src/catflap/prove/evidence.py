"""What became of an attempt: one word, and who says so.

Both sides must agree: what the attacker saw, and what the bridge told about that connection. An
answer that got through counts as served, whatever the bridge says about it.
"""

from __future__ import annotations

import msgspec

from catflap.events import model
from catflap.prove.attempt import Attempt, Ended, Family, Outcome, Sighting, Witness
from catflap.prove.eventfeed import Verdict  # noqa: TC001 - msgspec reads it at run time

__all__ = ("LIMITS", "Evidence", "weigh")

_GONE = frozenset({Ended.ALERT, Ended.CLOSED, Ended.RESET})
LIMITS = frozenset({"handshake-timeout"})
"""Rules that time alone brings about."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the report.

    Args:
        attempt: the attempt's slug.
        as_expected: whether outcome and rule are the expected ones.
        rule: the rule that the witness named.
        reason: its words.
        alert: the TLS alert that the attacker received.
        source: the attacker's address, by which both accounts were matched.
        ended: how the connection ended for the attacker.
        event: what the witness told.
    """

    attempt: str
    family: Family
    title: str
    expected: Outcome
    outcome: Outcome
    as_expected: bool
    expected_rule: str
    rule: str
    reason: str
    witness: Witness
    alert: str
    note: str
    source: str
    ended: Ended
    seconds: float
    event: Verdict | None


def weigh(attempt: Attempt, seen: Sighting, event: Verdict | None, seconds: float) -> Evidence:
    """Return what became of the attempt."""
    outcome = _outcome(seen.ended, event)
    rule = event.rule if event is not None else ""
    return Evidence(
        attempt=attempt.name,
        family=attempt.family,
        title=attempt.title,
        expected=attempt.expected,
        outcome=outcome,
        as_expected=outcome is attempt.expected and rule == attempt.rule,
        expected_rule=attempt.rule,
        rule=rule,
        reason=_reason(event),
        witness=attempt.witness,
        alert=seen.alert,
        note=seen.note,
        source=seen.source,
        ended=seen.ended,
        seconds=round(seconds, 3),
        event=event,
    )


def _outcome(ended: Ended, event: Verdict | None) -> Outcome:
    if ended is Ended.ANSWERED:
        return Outcome.SERVED
    return _turned_away(event) if ended in _GONE else Outcome.UNCLEAR


def _turned_away(event: Verdict | None) -> Outcome:
    match event:
        case model.Denied():
            return Outcome.DENIED
        case model.HandshakeFailed(rule=rule) if rule in LIMITS:
            return Outcome.DROPPED
        case model.HandshakeFailed():
            return Outcome.REFUSED
        case model.ConnectFailed(rule=rule) if rule:
            # The client bridge refused the server that it found.
            return Outcome.REFUSED
        case _:
            return Outcome.UNCLEAR


def _reason(event: Verdict | None) -> str:
    if event is None:
        return "the bridge said nothing about this connection"
    if not isinstance(event, model.Opened):
        return event.reason
    who = event.certificate.subject if event.certificate is not None else "nobody in particular"
    tls = f", {event.tls.version} {event.tls.group}" if event.tls is not None else ""
    return f"{who}{tls}"
