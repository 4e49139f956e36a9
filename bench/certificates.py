"""Certificates for one run of the bench: ECDSA P-256, one CA, one server, one client."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("Certificates", "make_certificates")

_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Paths of the files: ``server`` and ``client`` hold a key and its certificate."""

    ca: Path
    server: Path
    client: Path


@dataclass(frozen=True, slots=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def make_certificates(folder: Path) -> Certificates:
    """Write a CA, a server and a client certificate into ``folder``; keys are mode 0600."""
    authority = _make_authority()
    loopback = ipaddress.ip_address("127.0.0.1")
    names = (x509.DNSName("localhost"), x509.IPAddress(loopback))
    paths = Certificates(folder / "ca.pem", folder / "server.pem", folder / "client.pem")
    _write(paths.ca, _pem(authority.certificate), 0o644)
    _write(paths.server, _leaf(authority, names, ExtendedKeyUsageOID.SERVER_AUTH), 0o600)
    client = (x509.DNSName("client.bench"),)
    _write(paths.client, _leaf(authority, client, ExtendedKeyUsageOID.CLIENT_AUTH), 0o600)
    return paths


def _make_authority() -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("catflap bench CA")
    usage = _usage(signs_certificates=True)
    builder = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _Authority(key, builder.sign(key, hashes.SHA256()))


def _leaf(
    authority: _Authority,
    names: tuple[x509.DNSName | x509.IPAddress, ...],
    purpose: x509.ObjectIdentifier,
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(str(names[0].value))
    issuer_key = authority.key.public_key()
    builder = (
        _builder(subject, authority.certificate.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + _pem(builder.sign(authority.key, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(minutes=5),
        not_valid_after=now + _LIFE,
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
