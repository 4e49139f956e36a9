"""A listener starts as many children as peers come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Confidence, Severity
from catflap.rules.exposure import Reach, exposure_of
from catflap.rules.guarding import is_otherwise_guarded, is_unlimited
from catflap.rules.rule import Rule
from catflap.rules.telling import has_opaque_options, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Fire where nothing worse is said about the listener; worse rules tell it as their note."""
    del facts
    for side in bridge.listeners:
        guarded = is_otherwise_guarded(side)
        at_home = side.is_internet and exposure_of(side).reach is Reach.HOST
        if is_unlimited(side) and (guarded or at_home):
            yield tell(
                "unlimited-fork",
                Severity.MEDIUM if guarded else Severity.LOW,
                side,
                f"{label(side)} starts a process for every peer, however many come",
                span=place(side, "fork"),
                mend="max-children=100",
                confidence=Confidence.MEDIUM if has_opaque_options(side) else Confidence.HIGH,
            )


RULE = Rule(
    slug="unlimited-fork",
    title="A listener starts as many processes as peers come",
    worst=Severity.MEDIUM,
    cwe=770,
    bad="socat OPENSSL-LISTEN:8443,bind=10.0.0.5,fork,cert=s.pem,cafile=ca.pem TCP:127.0.0.1:9000",
    good="catflap run TLS-LISTEN:8443,bind=10.0.0.5,cert=srv.pem,cafile=ca.pem TCP:127.0.0.1:9000",
    attacker="Opens connections until the host can start no more processes; socat then exits.",
    mend="Give max-children=. catflap run limits sessions by itself.",
    check=_check,
    good_sentence="The number of children has a limit.",
    fixable="safe",
)
