"""One self-signed certificate is key and authority at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.findings.finding import Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "self-signed-peer"


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    for side in known_sides(bridge):
        authority = side.text("openssl-cafile")
        if not side.is_encrypted or not side.verifies.value or not authority.value:
            continue
        own = side.text("openssl-certificate")
        if own.is_said and own.value == authority.value:
            what = f"trusts its own certificate, {printable(own.value)}: both ends share one key"
        elif _is_one_peer(facts, authority.value):
            what = f"trusts one self-signed certificate, {printable(authority.value)}"
        else:
            continue
        yield tell(
            _SLUG,
            Severity.LOW,
            side,
            f"{label(side)} {what}",
            span=place(side, "openssl-cafile"),
            mend="cafile=FILE with a small CA of your own, which issues a certificate to each peer",
        )


def _is_one_peer(facts: Facts, path: str) -> bool:
    """Whether a file of authorities holds one certificate that is nobody's authority."""
    file = facts.files.get(path)
    if file is None or len(file.certificates) != 1:
        return False
    (certificate,) = file.certificates
    return certificate.self_issued and not certificate.is_authority


RULE = Rule(
    slug=_SLUG,
    title="One self-signed certificate is key and authority at once",
    worst=Severity.LOW,
    cwe=296,
    bad="socat OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=me.pem,cafile=me.pem TCP:127.0.0.1:9000",
    good="socat OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=me.pem,cafile=ca.pem TCP:127.0.0.1:9000",
    attacker="Takes the key of one end and plays both; nobody can be kept out by taking back one "
    "certificate.",
    mend="Make a CA, give each peer a certificate of its own, and trust the CA.",
    check=_check,
    good_sentence="Each peer has a certificate of its own, issued by a CA that both trust.",
    fixable="certificates have to be issued",
)
