"""A word that is nearly right, or that no longer does anything good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Severity
from catflap.rules.mistakes import mistakes_of
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "deprecated-or-misspelt"
_OLD = {
    "openssl-egd": "asks a daemon for entropy, which OpenSSL no longer does",
    "openssl-pseudo": "seeds keys by the time of day, where a build still obeys it",
    "openssl-compress": "compresses where a library still can, which tells secrets apart by length",
    "openssl-method": "names one version of TLS, which most builds no longer know",
    "method": "names one version of TLS, which most builds no longer know",
}
_HARMLESS = frozenset(["none"])


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Tell the typing errors of a command as one finding, and what is old as another."""
    del facts
    wrong = [mistake for mistake in mistakes_of(bridge) if mistake.meant]
    if wrong:
        first, *rest = wrong
        yield tell(
            _SLUG,
            Severity.LOW,
            first.side,
            f"{first.message}, so the command does not start; {first.meant} is near",
            span=first.span,
            mend=first.meant,
            notes=tuple(f"{mistake.message}; {mistake.meant} is near" for mistake in rest),
            confidence=Confidence.MEDIUM,
        )
    for side in known_sides(bridge):
        for option in side.address.options:
            why = _OLD.get(option.canonical)
            value = option.value.text if option.value is not None else ""
            if why and value not in _HARMLESS:
                yield tell(
                    _SLUG,
                    Severity.LOW,
                    side,
                    f"{printable(option.name.text)} {why}",
                    span=option.span,
                    mend=f"remove {printable(option.name.text)}",
                )


RULE = Rule(
    slug=_SLUG,
    title="A word is misspelt, or of an option that is out of use",
    worst=Severity.LOW,
    cwe=477,
    bad="socat TCP-LISTEN:8080,bnd=127.0.0.1,fork TCP:127.0.0.1:9000",
    good="socat TCP-LISTEN:8080,bind=127.0.0.1,fork TCP:127.0.0.1:9000",
    attacker="Gains when somebody deletes the word that does not work, and with it the protection "
    "it was meant to be.",
    mend="Use the spelling that is told; remove what is out of use.",
    check=_check,
    good_sentence="Every word is spelt as the program knows it and is still in use.",
    fixable="safe",
)
