"""Rules about the comments that suppress findings; they look at comments, not at bridges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = (
    "EXPIRED",
    "MALFORMED",
    "SUPPRESSION_RULES",
    "UNKNOWN_RULE",
    "UNUSED",
    "WITHOUT_REASON",
    "find_suppression_rule",
)

_COMMAND = "socat TCP-LISTEN:8080,bind=127.0.0.1,fork UNIX:/run/api.sock"
_GOOD = f"{_COMMAND}  # catflap: ignore[no-timeout] until=2027-01-31 the API ends idle clients"


def _none(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Find nothing: a bridge knows no comments."""
    del bridge, facts
    return iter(())


def _rule(slug: str, title: str, bad: str, attacker: str, mend: str) -> Rule:
    return Rule(
        slug=slug,
        title=title,
        worst=Severity.LOW,
        cwe=1116,
        bad=f"{_COMMAND}  # catflap: {bad}",
        good=_GOOD,
        attacker=attacker,
        mend=mend,
        check=_none,
        good_sentence="Comments that suppress name a rule that is found, and say why.",
        fixable="what a comment should say is for whoever wrote it",
    )


WITHOUT_REASON = _rule(
    "suppression-without-reason",
    "A finding is suppressed and nobody says why",
    "ignore[no-timeout]",
    "Time: nobody can tell whether the hole is still meant to be there. It suppresses nothing.",
    "Write the reason behind the bracket: who decided it, and what makes it harmless.",
)
EXPIRED = _rule(
    "suppression-expired",
    "The day until which a finding is suppressed has passed",
    "ignore[no-timeout] until=2020-01-31 the API ends idle clients",
    "What was meant to be mended by that day. The finding is open again.",
    "Mend the command, or decide anew and write a later day.",
)
UNUSED = _rule(
    "suppression-unused",
    "A comment suppresses what is not found",
    "ignore[docker-socket-exposed] the proxy asks for certificates",
    "Cover: when the command becomes unsafe later, the comment hides it without a decision.",
    "Take the rule out of the comment, or the comment away.",
)
UNKNOWN_RULE = _rule(
    "suppression-unknown-rule",
    "A comment names a rule that does not exist",
    "ignore[no-timeouts] the API ends idle clients",
    "Nothing; the finding that was meant is not suppressed.",
    "Write the rule as catflap list rules spells it.",
)
MALFORMED = _rule(
    "suppression-malformed",
    "A comment means to suppress and cannot be read",
    "ignore until=tomorrow",
    "Nothing; the finding that was meant is not suppressed.",
    "Write ignore[RULE, RULE] until=YYYY-MM-DD reason; the date may be left out.",
)

SUPPRESSION_RULES: tuple[Rule, ...] = (WITHOUT_REASON, EXPIRED, UNUSED, UNKNOWN_RULE, MALFORMED)


def find_suppression_rule(slug: str) -> Rule | None:
    """Return the rule of this name."""
    return next((rule for rule in SUPPRESSION_RULES if rule.slug == slug), None)
