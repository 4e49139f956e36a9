"""A TLS client takes a certificate of any name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side in known_sides(bridge):
        if not side.is_encrypted or side.is_tls_server or not side.verifies.value:
            continue
        name = side.text("openssl-commonname", "-")
        if not name.is_said or name.value:
            continue
        own_ca = side.last("openssl-cafile") is not None or side.last("openssl-capath") is not None
        whose = "of its CA" if own_ca else "of any CA that this host trusts"
        yield tell(
            "tls-any-name",
            _severity(side, own_ca=own_ca),
            side,
            f"{label(side)} takes every certificate {whose}, whatever name it bears",
            span=place(side, "openssl-commonname"),
            mend="commonname=NAME with the name in the server's certificate, or remove it "
            "to expect the host's name",
        )


def _severity(side: Side, *, own_ca: bool) -> Severity:
    if side.is_loopback_only:
        return Severity.LOW if own_ca else Severity.MEDIUM
    return Severity.MEDIUM if own_ca else Severity.HIGH


RULE = Rule(
    slug="tls-any-name",
    title="A TLS client takes a certificate of any name",
    worst=Severity.HIGH,
    cwe=297,
    bad="catflap run STDIO TLS:api.internal:8443,commonname=",
    good="catflap run STDIO TLS:10.0.0.7:8443,commonname=api.internal,cafile=ca.pem",
    attacker="Gets a certificate for a name of their own, from the same CA, and plays the server.",
    mend="Say which name to expect: commonname=NAME.",
    check=_check,
    good_sentence="The client expects one name in the server's certificate.",
    fixable="unsafe",
)
