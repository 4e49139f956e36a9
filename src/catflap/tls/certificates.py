"""Certificates and keys from PEM, and what a certificate says."""

from __future__ import annotations

import base64
import hashlib
import warnings
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from catflap.core.nouns import CertificateFacts

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificatePublicKeyTypes,
        PrivateKeyTypes,
    )

__all__ = (
    "PemError",
    "UnreadableError",
    "facts_of",
    "read_certificates",
    "read_key",
    "why_unreadable",
)

# Odd certificates make the library write lines to the standard error, which is our log; and whoever
# connects could have them written.
warnings.simplefilter("ignore", CryptographyDeprecationWarning)

_MOST_REMEMBERED = 512
_LARGEST_REMEMBERED = 8 * 1024
_LONGEST_SUBJECT = 500
_remembered: dict[bytes, CertificateFacts] = {}
_UNREADABLE = (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


class PemError(ValueError):
    """A PEM text does not hold what was looked for; the message says which."""


class UnreadableError(PemError):
    """A certificate that OpenSSL takes, and of which we cannot tell what it says."""


def read_certificates(pem: bytes, name: str) -> list[x509.Certificate]:
    """Return the certificates in a PEM text, in their order.

    Raises:
        PemError: there is none, or one is broken.
    """
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        message = f"{name} holds no certificate (no line -----BEGIN CERTIFICATE-----)"
        raise PemError(message)
    try:
        return x509.load_pem_x509_certificates(pem)
    except (ValueError, x509.InvalidVersion) as error:
        message = f"{name} holds a certificate that cannot be read: {error}"
        raise PemError(message) from error


def read_key(pem: bytes, name: str) -> PrivateKeyTypes:
    """Return the private key in a PEM text.

    Raises:
        PemError: there is none, it is broken, or it asks for a passphrase.
    """
    start = pem.find(b"PRIVATE KEY-----")
    if start < 0:
        message = f"{name} holds no private key (no line -----BEGIN PRIVATE KEY-----)"
        raise PemError(message)
    begin = pem.rfind(b"-----BEGIN", 0, start)
    try:
        return serialization.load_pem_private_key(pem[begin:], password=None)
    except TypeError:
        message = f"the private key in {name} is encrypted; store it unencrypted with mode 0600"
        raise PemError(message) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        message = f"the private key in {name} cannot be read: {str(error).splitlines()[0]}"
        raise PemError(message) from error


def facts_of(certificate: x509.Certificate) -> CertificateFacts:
    """Return what a certificate says; the last few hundred are remembered.

    Raises:
        UnreadableError: it names a key or an algorithm that is not known here, or is no proper DER.
    """
    der = certificate.public_bytes(serialization.Encoding.DER)
    found = _remembered.get(der)
    if found is None:
        try:
            found = _read_facts(certificate)
        except Exception as error:
            # A stranger chose what is read here, and whichever failure is a no.
            raise UnreadableError(str(error)) from error
        if len(der) > _LARGEST_REMEMBERED:
            # Anybody may show one of 100 KiB, and another each time.
            return found
        if len(_remembered) >= _MOST_REMEMBERED:
            del _remembered[next(iter(_remembered))]
        _remembered[der] = found
    return found


def _read_facts(certificate: x509.Certificate) -> CertificateFacts:
    names = _alternative_names(certificate)
    key_kind, key_bits = _key(certificate.public_key())
    algorithm = certificate.signature_hash_algorithm
    return CertificateFacts(
        subject=_told(certificate.subject),
        issuer=_told(certificate.issuer),
        serial=f"{certificate.serial_number:X}",
        not_before=certificate.not_valid_before_utc.timestamp(),
        not_after=certificate.not_valid_after_utc.timestamp(),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        dns=_of(names, x509.DNSName),
        uris=_of(names, x509.UniformResourceIdentifier),
        emails=_of(names, x509.RFC822Name),
        addresses=_of(names, x509.IPAddress),
        common_names=tuple(
            str(attribute.value)
            for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        ),
        key_kind=key_kind,
        key_bits=key_bits,
        signature_hash=algorithm.name if algorithm is not None else "",
        is_authority=_is_authority(certificate),
        self_issued=certificate.subject == certificate.issuer,
        pin=_pin(certificate),
        subject_fields=_fields(certificate.subject),
        issuer_fields=_fields(certificate.issuer),
        organizational_units=tuple(
            str(attribute.value)
            for attribute in certificate.subject.get_attributes_for_oid(
                NameOID.ORGANIZATIONAL_UNIT_NAME
            )
        ),
    )


def _told(name: x509.Name) -> str:
    """Return a name for people: nothing is decided by it, and a stranger chooses how long it is."""
    text = name.rfc4514_string()
    return text if len(text) <= _LONGEST_SUBJECT else f"{text[:_LONGEST_SUBJECT]}..."


def _fields(name: x509.Name) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (each.rfc4514_attribute_name, each.oid._name, str(each.value))  # noqa: SLF001 - OpenSSL's long name
        for each in name
    )


def _pin(certificate: x509.Certificate) -> str:
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


def why_unreadable(certificate: x509.Certificate) -> str:
    """Return why the extensions of a certificate cannot be read; nothing when they can.

    Its facts then lack names that it has, and a list that denies one of them would not find it.
    """
    try:
        _ = certificate.extensions
    except _UNREADABLE as error:
        return str(error).partition("\n")[0] or type(error).__name__
    return ""


def _of(names: x509.SubjectAlternativeName | None, kind: type[x509.GeneralName]) -> tuple[str, ...]:
    if names is None:
        return ()
    return tuple(str(name.value) for name in names if isinstance(name, kind))


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return False


def _key(key: CertificatePublicKeyTypes) -> tuple[str, int]:
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}", key.key_size
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519", 256
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448", 456
    if isinstance(key, dsa.DSAPublicKey):
        return "DSA", key.key_size
    return type(key).__name__, 0
