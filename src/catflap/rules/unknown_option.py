"""An option or address that the program does not know or take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Confidence, Severity
from catflap.rules.mistakes import mistakes_of
from catflap.rules.rule import Rule
from catflap.rules.telling import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "unknown-option"


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Tell the first of each command, the rest as its notes."""
    del facts
    found = [mistake for mistake in mistakes_of(bridge) if not mistake.meant]
    if found:
        first, *rest = found
        yield tell(
            _SLUG,
            Severity.LOW,
            first.side,
            f"{first.message}, so the command does not start",
            span=first.span,
            mend="remove it, or catflap explain ADDRESS for what the address takes",
            notes=tuple(mistake.message for mistake in rest),
            confidence=Confidence.MEDIUM,
        )


RULE = Rule(
    slug=_SLUG,
    title="An address is given what it does not know or take",
    worst=Severity.LOW,
    cwe=628,
    bad="socat UNIX-LISTEN:/run/app.sock,range=10.0.0.0/8,fork TCP:127.0.0.1:9000",
    good="socat UNIX-LISTEN:/run/app.sock,mode=0660,fork TCP:127.0.0.1:9000",
    attacker="Gains when somebody deletes the word that does not work, and with it the protection "
    "it was meant to be.",
    mend="catflap explain ADDRESS tells what an address takes.",
    check=_check,
    good_sentence="Every option is one that its address takes.",
    fixable="what was meant is not known",
)
