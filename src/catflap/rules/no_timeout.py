"""A silent peer holds a session for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.findings.finding import Confidence, Severity
from catflap.rules.exposure import Reach, exposure_of
from catflap.rules.guarding import is_otherwise_guarded, missing_timeout
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
        missing = missing_timeout(bridge, side)
        guarded = is_otherwise_guarded(side)
        at_home = side.is_internet and exposure_of(side).reach is Reach.HOST
        ours = side.dialect is Dialect.CATFLAP and side.is_internet
        if not missing or not (guarded or at_home or ours):
            continue
        what = "handshakes" if missing == "handshake-timeout" else "sessions without a byte"
        yield tell(
            "no-timeout",
            Severity.MEDIUM if exposure_of(side).reach is not Reach.HOST else Severity.LOW,
            side,
            f"{label(side)} sets no limit to {what}: a silent peer stays for ever",
            span=place(side, missing),
            mend=f"{missing}=SECONDS" if ours else "-T 3600",
            confidence=Confidence.MEDIUM if has_opaque_options(side) else Confidence.HIGH,
        )


RULE = Rule(
    slug="no-timeout",
    title="A silent peer holds a session for ever",
    worst=Severity.MEDIUM,
    cwe=400,
    bad="catflap run TLS-LISTEN:8443,bind=10.0.0.5,idle-timeout=0,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    good="catflap run TLS-LISTEN:8443,bind=10.0.0.5,cert=srv.pem,cafile=ca.pem TCP:127.0.0.1:9000",
    attacker="Opens sessions and says nothing until no new one is taken.",
    mend="Leave the limits on: an hour idle, ten seconds for a handshake; socat: -T SECONDS.",
    check=_check,
    good_sentence="A session without a byte ends after a while.",
    fixable="unsafe",
)
