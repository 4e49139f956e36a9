"""A TLS listener lets in clients that prove nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Confidence, Severity
from catflap.rules.assets import worth_more_behind
from catflap.rules.exposure import Reach, exposure_of
from catflap.rules.guarding import listener_notes
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "anonymous-clients"


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Grade as plaintext-exposed does: held to private networks, or to this host, is medium."""
    del facts
    for side in known_sides(bridge):
        verifies = side.verifies
        checked = verifies.value and not verifies.is_unknown
        if not side.is_tls_server or checked or worth_more_behind(bridge, side):
            continue
        exposure = exposure_of(side)
        notes = ["tls-verify-off: verify=0 switches the check of certificates off"]
        if exposure.reach is not Reach.HOST:
            notes += listener_notes(bridge, side, without=(_SLUG,))
        yield tell(
            _SLUG,
            Severity.HIGH if exposure.reach is Reach.EVERYWHERE else Severity.MEDIUM,
            side,
            f"{label(side)} asks no client for a certificate: whoever reaches it is let in",
            span=place(side, "openssl-verify"),
            mend="remove verify=0 and give cafile=FILE with the CA of your clients",
            notes=tuple(notes),
            confidence=Confidence.LOW if verifies.is_unknown else exposure.confidence,
        )


RULE = Rule(
    slug=_SLUG,
    title="A TLS listener lets in clients that prove nothing",
    worst=Severity.HIGH,
    cwe=306,
    bad="catflap run TLS-LISTEN:8443,bind=0.0.0.0,cert=srv.pem,verify=0 TCP:127.0.0.1:9000",
    good="catflap run TLS-LISTEN:8443,bind=0.0.0.0,range=10.0.0.0/8,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Connects like any client: encryption keeps others from reading, not strangers out.",
    mend="Remove verify=0, give cafile= the CA of your clients, or commonname= one client.",
    check=_check,
    good_sentence="Every client shows a certificate of a CA that the listener names.",
    fixable="unsafe",
)
