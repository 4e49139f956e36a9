"""Certificates of the demo live ten minutes, and their keys are P-256."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from catflap.prove.certificates import LIFETIME, Authority, Purpose, Validity, self_signed

NOW = 1_800_000_000.0


def test_a_leaf_is_what_it_was_asked_to_be() -> None:
    authority = Authority("a CA", NOW)
    names = ("alice.demo", "127.0.0.1")
    leaf = authority.issue("alice", names, Purpose.CLIENT, Validity.ten_minutes(NOW))
    certificate = leaf.certificate
    certificate.verify_directly_issued_by(authority.certificate)
    assert isinstance(leaf.key.curve, ec.SECP256R1)
    lives = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lives.total_seconds() == LIFETIME == 600
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [str(name.value) for name in alternatives.value] == list(names)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_key_is_in_the_whole_pem_only() -> None:
    leaf = self_signed("me", ("me",), Purpose.SERVER, Validity.ten_minutes(NOW))
    assert b"PRIVATE KEY" in leaf.pem()
    assert b"PRIVATE KEY" not in leaf.certificate_pem()
    assert b"PRIVATE KEY" not in Authority("a CA", NOW).pem()
    leaf.certificate.verify_directly_issued_by(leaf.certificate)
