"""Certificates made for a test run: two authorities, good leaves, and every kind of bad one."""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ("Authority", "Certificates", "Leaf", "loosely_encoded", "make_certificates")

_HOUR = timedelta(hours=1)
_LOCAL = ("localhost", "127.0.0.1", "::1")
_SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)
_CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH,)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key alone, without a passphrase."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class Authority:
    """Signs leaves and further authorities.

    Args:
        name: its common name.
        parent: who signs it; itself when there is nobody.
    """

    def __init__(self, name: str, parent: Authority | None = None) -> None:
        """Make a P-256 key and a certificate that is valid for a day."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        signer = parent or self
        builder = (
            _builder(self.name, signer.name, self.key, now - _HOUR, now + 24 * _HOUR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(_identifier(self.key), critical=False)
            .add_extension(_signed_by(signer.key), critical=False)
        )
        self.certificate = builder.sign(signer.key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self,
        common_name: str,
        names: Iterable[str] = (),
        *,
        usages: Iterable[x509.ObjectIdentifier] = (*_SERVER, *_CLIENT),
        starts: timedelta = -_HOUR,
        ends: timedelta = 24 * _HOUR,
        key: ec.EllipticCurvePrivateKey | None = None,
        further: Iterable[x509.ExtensionType] = (),
    ) -> Leaf:
        """Return a leaf; ``starts`` and ``ends`` count from now.

        Names with a scheme are URIs, with an ``@`` mail addresses, numeric ones IP addresses.
        """
        key = key or ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = (
            _builder(subject, self.name, key, now + starts, now + ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
            .add_extension(_identifier(key), critical=False)
            .add_extension(_signed_by(self.key), critical=False)
        )
        for extension in further:
            builder = builder.add_extension(extension, critical=False)
        alternatives = [_general_name(name) for name in names]
        if alternatives:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=False
            )
        return Leaf(builder.sign(self.key, hashes.SHA256()), key)


def loosely_encoded(
    leaf: Leaf, authority: Authority, old: bytes = b"\x01\x01\xff", new: bytes = b"\x01\x01\x01"
) -> bytes:
    """Return a certificate as PEM that OpenSSL takes and stricter readers do not.

    True is written as 1, which BER knows and DER does not (X.690, 11.1); its signature is good.

    Args:
        leaf: what it says.
        authority: signs it.
        old: bytes to exchange instead.
        new: as many others.
    """
    body = leaf.certificate.tbs_certificate_bytes.replace(old, new)
    signature = authority.key.sign(body, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256 (RFC 5758)
    der = _tagged(0x30, body + algorithm + _tagged(0x03, b"\0" + signature))
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n".encode()


def _tagged(tag: int, value: bytes) -> bytes:
    """Return a value of DER with its tag and length."""
    size = len(value)
    octets = size.to_bytes((size.bit_length() + 7) // 8 or 1)
    length = octets if size < 0x80 else bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + length + value


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    starts: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
    )


def _identifier(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _signed_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    if "@" in name:
        return x509.RFC822Name(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Paths of PEM files; keys have mode 0600.

    Args:
        folder: where all of them are.
        authority: signs more on demand.
        ca: trust anchor of the good ones.
        server: certificate and key in one file, for localhost, 127.0.0.1 and ::1.
        server_certificate: the same without the key.
        server_key: the key of ``server``.
        server_chain: leaf, intermediate authority and key in one file.
        server_expired: as ``server``, over since an hour.
        server_wrong_name: as ``server``, for wrong.example.
        server_mismatch: the certificate of ``server`` with the key of ``client``.
        client: certificate and key, CN=client, DNS client.example, a SPIFFE URI.
        client_certificate: the same without the key.
        client_key: the key of ``client``.
        client_expired: as ``client``, over since an hour.
        client_future: as ``client``, valid from tomorrow.
        other_ca: an authority that nobody trusts.
        client_other: as ``client``, signed by ``other_ca``.
        server_other: as ``server``, signed by ``other_ca``.
        self_signed: a client that signed itself.
        key_encrypted: the key of ``server`` under a passphrase.
        garbage: a file that is no PEM at all.
        broken: PEM lines around bytes that are no certificate.
    """

    folder: Path
    authority: Authority
    ca: Path
    server: Path
    server_certificate: Path
    server_key: Path
    server_chain: Path
    server_expired: Path
    server_wrong_name: Path
    server_mismatch: Path
    client: Path
    client_certificate: Path
    client_key: Path
    client_expired: Path
    client_future: Path
    other_ca: Path
    client_other: Path
    server_other: Path
    self_signed: Path
    key_encrypted: Path
    garbage: Path
    broken: Path

    def store(self, name: str, *leaves: Leaf | bytes) -> Path:
        """Write leaves (certificate, then key) or PEM texts into one file of mode 0600."""
        return _store(self.folder / name, *leaves)


def _store(path: Path, *parts: Leaf | bytes) -> Path:
    texts = [part.pem + part.key_pem if isinstance(part, Leaf) else part for part in parts]
    path.touch(mode=0o600)
    path.write_bytes(b"".join(texts))
    return path


def make_certificates(folder: Path) -> Certificates:
    """Make all of them; takes some ten milliseconds."""
    good, other = Authority("Test CA"), Authority("Other CA")
    between = Authority("Test Intermediate CA", good)
    names = ("client.example", "spiffe://test.example/client")
    server = good.issue("localhost", _LOCAL, usages=_SERVER)
    client = good.issue("client", names, usages=_CLIENT)
    own = Authority("self-signed")

    def store(name: str, *parts: Leaf | bytes) -> Path:
        return _store(folder / name, *parts)

    return Certificates(
        folder=folder,
        authority=good,
        ca=store("ca.pem", good.pem),
        server=store("server.pem", server),
        server_certificate=store("server.crt", server.pem),
        server_key=store("server.key", server.key_pem),
        server_chain=_chain(folder / "server-chain.pem", between),
        server_expired=store(
            "server-expired.pem",
            good.issue("localhost", _LOCAL, usages=_SERVER, starts=-3 * _HOUR, ends=-_HOUR),
        ),
        server_wrong_name=store(
            "server-wrong-name.pem", good.issue("wrong.example", ("wrong.example",), usages=_SERVER)
        ),
        server_mismatch=store("server-mismatch.pem", server.pem, client.key_pem),
        client=store("client.pem", client),
        client_certificate=store("client.crt", client.pem),
        client_key=store("client.key", client.key_pem),
        client_expired=store(
            "client-expired.pem",
            good.issue("client", names, usages=_CLIENT, starts=-3 * _HOUR, ends=-_HOUR),
        ),
        client_future=store(
            "client-future.pem",
            good.issue("client", names, usages=_CLIENT, starts=24 * _HOUR, ends=48 * _HOUR),
        ),
        other_ca=store("other-ca.pem", other.pem),
        client_other=store("client-other.pem", other.issue("client", names, usages=_CLIENT)),
        server_other=store("server-other.pem", other.issue("localhost", _LOCAL, usages=_SERVER)),
        self_signed=store("self-signed.pem", Leaf(own.certificate, own.key)),
        key_encrypted=store("server-encrypted.key", _encrypted(server.key)),
        garbage=store("garbage.pem", b"this is not PEM\n"),
        broken=store("broken.pem", _BROKEN),
    )


_BROKEN = b"-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"


def _chain(path: Path, between: Authority) -> Path:
    leaf = between.issue("localhost", _LOCAL, usages=_SERVER)
    return _store(path, leaf.pem, between.pem, leaf.key_pem)


def _encrypted(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
