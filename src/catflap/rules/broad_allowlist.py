"""An allowlist so wide that it keeps nobody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.exposure import exposed_listeners, proves_peers
from catflap.rules.guarding import too_wide
from catflap.rules.rule import Rule
from catflap.rules.telling import label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Fire on listeners that are guarded otherwise; worse rules tell it as their note."""
    del facts
    for side, exposure in exposed_listeners(bridge):
        wide = too_wide(side)
        if wide and proves_peers(side):
            yield tell(
                "broad-allowlist",
                Severity.MEDIUM,
                side,
                f"{label(side)} allows {wide}, which is too wide to keep anybody out",
                span=place(side, "range"),
                mend="range=[...] with the networks of your clients, /8 or narrower (IPv6 /32)",
                confidence=exposure.confidence,
            )


RULE = Rule(
    slug="broad-allowlist",
    title="An allowlist is so wide that it keeps nobody out",
    worst=Severity.MEDIUM,
    cwe=183,
    bad="catflap run TLS-LISTEN:8443,bind=10.0.0.5,range=0.0.0.0/0,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    good="catflap run TLS-LISTEN:8443,bind=10.0.0.5,range=10.0.0.0/8,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Comes from anywhere, past a list that looks as if it kept strangers out.",
    mend="Name the networks clients come from; wider than /8, or /32 for IPv6, counts as none.",
    check=_check,
    good_sentence="The allowlist names the networks of the clients, and no more.",
    fixable="unsafe",
)
