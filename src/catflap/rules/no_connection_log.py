"""Nobody is told who connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.guarding import is_otherwise_guarded, keeps_no_log
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "no-connection-log"


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Fire on listeners that are guarded otherwise; worse rules tell it as their note."""
    del facts
    for side in bridge.listeners:
        if is_otherwise_guarded(side) and keeps_no_log(bridge, side):
            yield tell(
                _SLUG,
                Severity.INFO,
                side,
                f"{label(side)} keeps nothing about who connected and who was turned away",
                mend="-d -d, with -ly for syslog or -lf FILE",
            )


RULE = Rule(
    slug=_SLUG,
    title="Nobody is told who connected",
    worst=Severity.INFO,
    cwe=778,
    bad="socat -T 60 OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    good="socat -d -d -ly -T 60 OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Tries and comes without a trace.",
    mend="Log notices: -d -d. catflap logs every connection and every denial.",
    check=_check,
    good_sentence="Who connected, and who was turned away, is kept.",
    fixable="safe",
)
