"""A TLS client does not check whom it talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Confidence, Severity
from catflap.rules.assets import worth_more_behind
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side in known_sides(bridge):
        verifies = side.verifies
        checked = verifies.value and not verifies.is_unknown
        client = side.is_encrypted and not side.is_tls_server
        if not client or checked or worth_more_behind(bridge, side):
            continue
        local = side.is_loopback_only
        uncertain = verifies.is_unknown or side.host.is_unknown
        useless = [
            name for name in ("cafile", "capath", "commonname") if side.last(f"openssl-{name}")
        ]
        yield tell(
            "tls-verify-off",
            Severity.MEDIUM if local else Severity.HIGH,
            side,
            f"{label(side)} does not check the server's certificate: whoever answers reads "
            "and changes everything",
            span=place(side, "openssl-verify"),
            mend="remove verify=0; cafile=FILE trusts your own CA, commonname=NAME another name",
            notes=tuple(f"{name}= has no effect while nothing is verified" for name in useless),
            confidence=Confidence.LOW if uncertain else Confidence.HIGH,
        )


RULE = Rule(
    slug="tls-verify-off",
    title="A TLS client does not check whom it talks to",
    worst=Severity.HIGH,
    cwe=295,
    bad="catflap run STDIO TLS:api.internal:8443,verify=0",
    good="catflap run STDIO TLS:api.internal:8443,cafile=ca.pem",
    attacker="Answers in the place of the server with any certificate, and reads and changes "
    "everything, passwords included.",
    mend="Remove verify=0. For a private CA give cafile=; for a certificate with another name "
    "give commonname=.",
    check=_check,
    good_sentence="The client checks the server's certificate and name.",
    fixable="unsafe",
)
