"""A TLS listener believes every public authority about its clients (socat's default)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.findings.finding import Confidence, Severity
from catflap.rules.assets import worth_more_behind
from catflap.rules.exposure import Reach, exposure_of, proves_peers
from catflap.rules.guarding import listener_notes
from catflap.rules.rule import Rule
from catflap.rules.telling import has_opaque_options, label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Our own dialect has no such case: there a listener without a CA does not start."""
    del facts
    for side in bridge.listeners:
        verifies = side.verifies
        off = verifies.is_unknown or not verifies.value
        if side.dialect is Dialect.CATFLAP or not side.is_encrypted or off:
            continue
        if proves_peers(side) or worth_more_behind(bridge, side):
            continue
        exposure = exposure_of(side)
        beyond = exposure.reach is not Reach.HOST
        yield tell(
            "tls-no-ca",
            Severity.HIGH if exposure.reach is Reach.EVERYWHERE else Severity.MEDIUM,
            side,
            f"{label(side)} has no cafile=, so a client certificate of any public CA opens it",
            mend="cafile=FILE with the CA of your clients",
            notes=listener_notes(bridge, side, without=("anonymous-clients",)) if beyond else (),
            confidence=Confidence.LOW if has_opaque_options(side) else exposure.confidence,
        )


RULE = Rule(
    slug="tls-no-ca",
    title="A TLS listener believes every public authority about its clients",
    worst=Severity.HIGH,
    cwe=295,
    bad="socat OPENSSL-LISTEN:8443,fork,cert=srv.pem TCP:127.0.0.1:9000",
    good="socat OPENSSL-LISTEN:8443,bind=10.0.0.5,fork,max-children=100,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Gets a certificate for a domain of their own from a public CA, and is let in.",
    mend="Give cafile= or capath= with the CA of your clients; catflap does not start without one.",
    check=_check,
    good_sentence="The listener names the CA whose clients it lets in.",
    fixable="unsafe",
)
