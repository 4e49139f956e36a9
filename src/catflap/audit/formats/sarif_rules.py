"""Rules as SARIF describes them (SARIF 2.1.0, section 3.49, reportingDescriptor)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catflap.audit.formats.pages import ALL_RULES, page_of
from catflap.findings.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from catflap.audit.report import Located
    from catflap.rules.rule import Rule

__all__ = ("LEVELS", "descriptors")

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
"""Levels of results (section 3.27.10)."""

_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "1.0",
}
# GitHub: over 9.0 critical, from 7.0 high, from 4.0 medium, else low.


def descriptors(findings: Sequence[Located], documentation: str) -> dict[str, dict[str, Any]]:
    """Return all rules by name, in the order of the reference; then what no rule is known for.

    Code hosts show the severity and precision of the rule, not of its results. Where there are
    results, those are the worst and the surest of them: a socket that only this host reaches
    must not be shown as what the network reaches.
    """
    made = {slug: _rule(rule, findings, documentation) for slug, rule in ALL_RULES.items()}
    for found in findings:
        if found.rule not in made:
            made[found.rule] = {"id": found.rule}
    return made


def _rule(rule: Rule, findings: Iterable[Located], documentation: str) -> dict[str, Any]:
    own = [each for each in findings if each.rule == rule.slug]
    severity = max((each.severity for each in own), default=rule.worst)
    confidence = max((each.confidence for each in own), default=Confidence.HIGH)
    return {
        "id": rule.slug,
        "name": "".join(part.capitalize() for part in rule.slug.split("-")),
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": f"{rule.title}. {rule.attacker}"},
        "helpUri": page_of(rule.slug, documentation),
        "help": {"text": _text(rule), "markdown": _markdown(rule)},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": ["security", f"external/cwe/cwe-{rule.cwe}"],
            "precision": str(confidence),
            "security-severity": _SCORES[severity],
            "problem.severity": _problem(severity),
        },
    }


def _problem(severity: Severity) -> str:
    return {"error": "error", "warning": "warning"}.get(LEVELS[severity], "recommendation")


def _text(rule: Rule) -> str:
    return (
        f"{rule.title}.\n\nWhat an attacker gets: {rule.attacker}\n\nMend: {rule.mend}\n\n"
        f"Bad: {rule.bad}\nGood: {rule.good}"
    )


def _markdown(rule: Rule) -> str:
    return (
        f"{_plain(rule.title)}.\n\n**What an attacker gets:** {_plain(rule.attacker)}\n\n"
        f"**Mend:** {_plain(rule.mend)}\n\n"
        f"```sh\n# bad\n{rule.bad}\n# good\n{rule.good}\n```\n"
    )


def _plain(text: str) -> str:
    """Return a rule's sentence without what would be markup."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>" else char for char in text)
