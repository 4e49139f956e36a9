"""Revocation lists made for a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.certificates import Authority, Leaf

__all__ = ("exchange_file", "revocation_list")

_HOUR = timedelta(hours=1)


def revocation_list(
    authority: Authority,
    *revoked: Leaf | Authority,
    starts: timedelta = -_HOUR,
    ends: timedelta = 24 * _HOUR,
    extensions: Iterable[x509.ExtensionType] = (),
    signer: Authority | None = None,
    der: bool = False,
) -> bytes:
    """Return the list of an authority, in PEM; ``starts`` and ``ends`` count from now.

    Args:
        authority: in whose name it is.
        revoked: whose certificates it withdraws.
        extensions: added as critical ones.
        signer: who signs it in truth.
        der: as DER instead.
    """
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.name)
        .last_update(now + starts)
        .next_update(now + ends)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1e6)), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    for each in revoked:
        serial = each.certificate.serial_number
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
        builder = builder.add_revoked_certificate(entry.build())
    made = builder.sign((signer or authority).key, hashes.SHA256())
    form = serialization.Encoding.DER if der else serialization.Encoding.PEM
    return made.public_bytes(form)


def exchange_file(path: Path, *parts: bytes) -> None:
    """Put a new file in the place of another one at once, as careful programs do."""
    new = path.with_name(f".{path.name}.new")
    new.touch(mode=0o600)
    new.write_bytes(b"".join(parts))
    new.rename(path)
