"""What a program is told of its peer's TLS, under the names that the C program uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.core.nouns import CertificateFacts, TlsFacts

__all__ = ("tls_environment",)

_BETWEEN = " // "
"""Parts several values of one name, as the C program does; a value may hold it too: trust none."""


def tls_environment(tls: TlsFacts | None, certificate: CertificateFacts | None) -> dict[str, str]:
    """Return names without the program's prefix, and values; the peer chose most of them."""
    if tls is None:
        return {}
    found = {"OPENSSL_PROTO_VERSION": tls.version, "OPENSSL_CIPHER": tls.cipher}
    if certificate is None:
        return found
    found["OPENSSL_X509_SUBJECT"] = _line(certificate.subject_fields)
    found["OPENSSL_X509_ISSUER"] = _line(certificate.issuer_fields)
    fields: dict[str, list[str]] = {}
    for _, name, value in certificate.subject_fields:
        fields.setdefault(f"OPENSSL_X509_{name.upper()}", []).append(value)
    fields["OPENSSL_X509V3_SUBJECTALTNAME_DNS"] = list(certificate.dns)
    fields["OPENSSL_X509V3_SUBJECTALTNAME_IPADD"] = list(certificate.addresses)
    return found | {name: _BETWEEN.join(values) for name, values in fields.items() if values}


def _line(fields: tuple[tuple[str, str, str], ...]) -> str:
    return ", ".join(f"{short} = {value}" for short, _, value in fields)
