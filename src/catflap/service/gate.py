"""The one gate: high and critical findings refuse to start, medium ones warn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.core import clock
from catflap.core.errors import RefusedError, UsageError
from catflap.core.spans import nearest, underline
from catflap.findings.finding import Confidence, Finding, Severity
from catflap.rules.registry import RULES, judge_bridge
from catflap.survey.survey import survey

if TYPE_CHECKING:
    from catflap.bridge.model import Acceptance, Bridge

__all__ = ("Verdict", "acceptances", "judge", "refusal", "stand_at_gate")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate let through, and with which marks.

    Args:
        warnings: findings to tell, worst first.
        accepted: findings that somebody took responsibility for.
        idle: acceptances that nothing was found for; they can go.
    """

    warnings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Acceptance], ...]
    idle: tuple[Acceptance, ...] = ()


def judge(bridge: Bridge, *, enforce: bool | None = None) -> Verdict:
    """Judge a bridge before anything of it is opened.

    Args:
        bridge: what is to run.
        enforce: whether findings refuse; by default they do in our dialect.

    Raises:
        RefusedError: a high or critical finding that nobody accepted by name.
        UsageError: a rule was accepted that does not exist, or until a day that is none.
    """
    today = clock.utc(clock.now())[:10]
    by_name = acceptances(bridge, today)
    refuses = enforce if enforce is not None else bridge.dialect is Dialect.CATFLAP
    warnings: list[Finding] = []
    accepted: list[tuple[Finding, Acceptance]] = []
    refused: list[Finding] = []
    for finding in judge_bridge(bridge, survey(bridge)):
        if finding.rule in by_name:
            accepted.append((finding, by_name[finding.rule]))
        elif finding.severity >= Severity.HIGH and refuses:
            refused.append(finding)
        elif finding.severity >= Severity.MEDIUM:
            warnings.append(finding)
    if refused:
        lapsed = {each.rule: each.until for each in bridge.accepted if each.rule not in by_name}
        raise RefusedError(refusal(tuple(refused), lapsed))
    found = {finding.rule for finding, _ in accepted}
    idle = tuple(each for rule, each in by_name.items() if rule not in found)
    return Verdict(tuple(warnings), tuple(accepted), idle)


def stand_at_gate(bridge: Bridge) -> None:
    """Judge a bridge that runs, by the files that it would run with from now on.

    Raises:
        RefusedError: it would not be let through at a start; one line says why.
    """
    if bridge.dialect is not Dialect.CATFLAP:
        return
    accepted = acceptances(bridge, clock.utc(clock.now())[:10])
    for finding in judge_bridge(bridge, survey(bridge)):
        if finding.severity >= Severity.HIGH and finding.rule not in accepted:
            message = f"{finding.rule} ({finding.severity}): {finding.message}"
            raise RefusedError(message, finding.mend)


def acceptances(bridge: Bridge, today: str) -> dict[str, Acceptance]:
    """Return the acceptances in force by the name of their rule.

    Args:
        bridge: says what it accepts.
        today: such as ``2027-01-31``.

    Raises:
        UsageError: there is no such rule.
    """
    known = [rule.slug for rule in RULES]
    in_force = {}
    for acceptance in bridge.accepted:
        if acceptance.rule not in known:
            close = nearest(acceptance.rule, known)
            hint = f"did you mean {close}?" if close else "catflap list rules"
            raise UsageError(f"--unsafe {acceptance.rule}: there is no such rule", hint=hint)
        if not acceptance.until or acceptance.until >= today:
            in_force[acceptance.rule] = acceptance
    return in_force


def refusal(findings: tuple[Finding, ...], lapsed: dict[str, str] | None = None) -> str:
    """Return the text that refuses: each finding with its place, its mend, and its name.

    Args:
        findings: what refuses, worst first.
        lapsed: rules that were accepted until a day that has passed.
    """
    blocks = [_block(finding, (lapsed or {}).get(finding.rule, "")) for finding in findings]
    return "\n\n".join([*blocks, "Nothing was opened (exit status 4)."])


def _block(finding: Finding, lapsed: str) -> str:
    sure = "" if finding.confidence is Confidence.HIGH else f", {finding.confidence} confidence"
    lines = [
        f"refused: {finding.rule} ({finding.severity}{sure}): {finding.message}",
        underline(finding.source, finding.span),
    ]
    lines += [f"  also:    {note}" for note in finding.notes]
    if finding.mend:
        lines.append(f"  mend:    {finding.mend}")
    if lapsed:
        lines.append(f"  lapsed:  it was accepted until {lapsed}")
    lines.append(f"  accept:  --unsafe {finding.rule}=REASON leaves a mark in the log")
    lines.append(f"  explain: catflap explain {finding.rule}")
    return "\n".join(lines)
