"""A certificate authority in memory, for certificates that live ten minutes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ("LIFETIME", "Authority", "Credential", "Purpose", "Validity", "self_signed")

LIFETIME = 600.0
"""Seconds that a certificate of the demo lives."""


class Purpose(Enum):
    """What a leaf may be used for (RFC 5280, 4.2.1.12)."""

    SERVER = ExtendedKeyUsageOID.SERVER_AUTH
    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when, in seconds since the epoch; X.509 keeps whole seconds only."""

    since: float
    until: float

    @classmethod
    def ten_minutes(cls, since: float) -> Validity:
        """Return ten minutes from ``since``."""
        return cls(since, since + LIFETIME)


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its key.

    Args:
        extra: certificates sent along, which prove nothing by themselves.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    extra: tuple[x509.Certificate, ...] = ()

    @property
    def not_after(self) -> float:
        """Seconds since the epoch after which it has expired."""
        return self.certificate.not_valid_after_utc.timestamp()

    def certificate_pem(self) -> bytes:
        """Return the certificate alone, which anybody may read."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def pem(self) -> bytes:
        """Return the certificate and the key, which only its owner may read."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return self.certificate_pem() + key


class Authority:
    """A CA whose key never leaves memory.

    Args:
        name: its common name.
        now: seconds since the epoch.
    """

    def __init__(self, name: str, now: float) -> None:
        """Make the key and the root certificate."""
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = _subject(name)
        validity = Validity.ten_minutes(now)
        builder = _builder(subject, subject, self._key.public_key(), validity).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.certificate = _sign(_with_usage(builder, authority=True), self._key)

    def pem(self) -> bytes:
        """Return the root certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self, name: str, names: tuple[str, ...], purpose: Purpose, validity: Validity
    ) -> Credential:
        """Return a new leaf.

        Args:
            name: its common name, which proves nothing.
            names: its DNS names and addresses, which do.
            purpose: what it may be used for.
            validity: from when to when.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_subject(name), self.certificate.subject, key.public_key(), validity)
        authority_key = self.certificate.extensions.get_extension_for_class(
            x509.SubjectKeyIdentifier
        )
        identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
            authority_key.value
        )
        builder = _leaf(builder, names, purpose).add_extension(identifier, critical=False)
        return Credential(_sign(builder, self._key), key)


def self_signed(
    name: str, names: tuple[str, ...], purpose: Purpose, validity: Validity
) -> Credential:
    """Return a leaf that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(name)
    builder = _leaf(_builder(subject, subject, key.public_key(), validity), names, purpose)
    return Credential(_sign(builder, key), key)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    validity: Validity,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_whole(validity.since))
        .not_valid_after(_whole(validity.until))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _whole(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _leaf(
    builder: x509.CertificateBuilder, names: tuple[str, ...], purpose: Purpose
) -> x509.CertificateBuilder:
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose.value]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
    )
    return _with_usage(builder, authority=False)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _with_usage(builder: x509.CertificateBuilder, *, authority: bool) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    return builder.add_extension(usage, critical=True)


def _sign(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256())
