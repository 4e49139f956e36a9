"""The line that counts, the troubles, and what the exit status means."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from catflap.audit.report import State
from catflap.core.spans import printable
from catflap.findings.finding import Severity

if TYPE_CHECKING:
    from catflap.audit.report import Report, Trouble

__all__ = ("counts", "status_sentence", "summary", "trouble_sentence")


def counts(report: Report) -> dict[Severity, int]:
    """Return how many findings count, by severity, worst first; zeros included."""
    found = Counter(each.severity for each in report.open)
    return {severity: found[severity] for severity in reversed(Severity)}


def summary(report: Report, hidden: int = 0) -> str:
    """Return one line that counts findings, commands and files.

    Args:
        report: what is shown.
        hidden: how many findings were left out by what was asked for.
    """
    parts = [_findings(report), _looked_at(report)]
    states = Counter(each.state for each in report.findings)
    aside = {
        "suppressed": states[State.SUPPRESSED],
        "in the baseline": states[State.BASELINE],
        "not shown": hidden,
    }
    parts.append(", ".join(f"{number:,} {what}" for what, number in aside.items() if number))
    unread = len({each.path for each in report.troubles})
    parts.append(f"{_many(unread, 'file')} not read in full" if unread else "")
    mendable = sum(bool(each.fix) for each in report.open)
    parts.append(f"catflap fix can mend {mendable:,}" if mendable else "")
    return "; ".join(part for part in parts if part)


def trouble_sentence(trouble: Trouble) -> str:
    """Return a trouble as one printable line."""
    place = f"{trouble.path}:{trouble.line}" if trouble.line else trouble.path
    return f"{printable(place)}: {printable(trouble.message)}"


def status_sentence(report: Report, least: Severity) -> str:
    """Return why the exit status is what it is, in words.

    Args:
        report: the whole report.
        least: the least severity that makes a status.
    """
    worst = max((each.severity for each in report.open), default=None)
    if worst is None:
        return "nothing counts"
    if worst < least:
        return f"the worst is {worst}, below --fail-on {least}"
    return f"the worst is {worst}, at or above --fail-on {least}"


def _findings(report: Report) -> str:
    number = len(report.open)
    if not number:
        return "no findings"
    levels = ", ".join(f"{each:,} {severity}" for severity, each in counts(report).items() if each)
    return f"{_many(number, 'finding')}: {levels}"


def _looked_at(report: Report) -> str:
    if not report.commands:
        return f"no command in {_many(report.files, 'file')}"
    return (
        f"{_many(report.commands, 'command')} in {report.read:,} of {_many(report.files, 'file')}"
    )


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
