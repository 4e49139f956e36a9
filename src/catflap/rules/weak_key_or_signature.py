"""A certificate whose key, signature or dates protect badly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.findings.finding import Severity
from catflap.rules.exposure import leaves_host
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.core.nouns import CertificateFacts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_DAY = 86400.0
_LONGEST_DAYS = 398  # the longest that public authorities issued until 2026 (CA/B Forum SC-22)
_SOON_DAYS = 14
_RSA_BITS, _FACTORED_BITS, _EC_BITS = 2048, 1024, 224  # NIST SP 800-57 part 1, 5.6.1


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """A key that can be factored counts as no encryption; the rest is low."""
    for side in known_sides(bridge):
        for name in ("openssl-certificate", "openssl-cafile"):
            path = side.text(name).value
            file = facts.files.get(path)
            if file is None or not file.certificates:
                continue
            own = name == "openssl-certificate"
            checked = file.certificates[:1] if own else file.certificates
            flaws = [flaw for each in checked for flaw in _flaws(each, facts.now, own=own)]
            if not flaws:
                continue
            broken = any(_can_be_factored(each) for each in checked) and leaves_host(side)
            yield tell(
                "weak-key-or-signature",
                Severity.HIGH if broken else Severity.LOW,
                side,
                f"{printable(path)}: {flaws[0]}",
                span=place(side, name),
                mend="a new certificate: EC P-256 or RSA 2048, SHA-256, months rather than years",
                notes=tuple(flaws[1:]),
            )


def _can_be_factored(certificate: CertificateFacts) -> bool:
    return certificate.key_kind in {"RSA", "DSA"} and 0 < certificate.key_bits < _FACTORED_BITS


def _flaws(certificate: CertificateFacts, now: float | None, *, own: bool) -> Iterator[str]:
    yield from _key_flaws(certificate)
    if certificate.signature_hash in {"md5", "sha1"} and not certificate.self_issued:
        yield f"its signature is by {certificate.signature_hash.upper()}, which can be forged"
    if now is not None:
        yield from _date_flaws(certificate, now)
    if own:
        days = (certificate.not_after - certificate.not_before) / _DAY
        if days > _LONGEST_DAYS:
            yield f"it is valid for {days:.0f} days; a stolen key is useful that long"
        if certificate.is_authority:
            yield "it is a CA, so whoever takes its key can issue certificates"


def _key_flaws(certificate: CertificateFacts) -> Iterator[str]:
    bits, kind = certificate.key_bits, certificate.key_kind
    least = _EC_BITS if kind.startswith("EC") else _RSA_BITS if kind in {"RSA", "DSA"} else 0
    if 0 < bits < least:
        yield f"its {kind} key has {bits} bits, less than {least}"


def _date_flaws(certificate: CertificateFacts, now: float) -> Iterator[str]:
    left = (certificate.not_after - now) / _DAY
    if left < 0:
        yield f"it expired {-left:.0f} days ago, so peers refuse it"
    elif (
        left < _SOON_DAYS and certificate.not_after - certificate.not_before > 4 * _SOON_DAYS * _DAY
    ):
        yield f"it expires in {left:.0f} days"
    if now < certificate.not_before:
        yield f"it is not valid before {(certificate.not_before - now) / _DAY:.0f} days from now"


RULE = Rule(
    slug="weak-key-or-signature",
    title="A certificate's key, signature or dates protect badly",
    worst=Severity.HIGH,
    cwe=326,
    bad="catflap run TLS-LISTEN:8443,cert=rsa1024-sha1.pem,cafile=ca.pem STDIO",
    good="catflap run TLS-LISTEN:8443,cert=p256-sha256.pem,cafile=ca.pem STDIO",
    attacker="Computes the key from the certificate, forges one, or uses a stolen one for years.",
    mend="Issue a certificate with an EC P-256 or RSA 2048 key, SHA-256, valid for months at most.",
    check=_check,
    good_sentence="Keys, signatures and dates are those of today.",
    fixable="a certificate has to be issued anew",
)
