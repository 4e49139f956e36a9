"""What lies in a directory that a bridge could be made of: certificates, keys, sockets, ports."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate

__all__ = ("Here", "found_here")

_NAMES = re.compile(r".*\.(pem|crt|cer|key)$", re.IGNORECASE)
_EXPOSE = re.compile(r"^\s*EXPOSE\s+(\d{1,5})", re.IGNORECASE | re.MULTILINE)
_MEANINGFUL = re.compile(r"[\\,:!\"'()\[\]{}]")
_LARGEST = 256 * 1024
_MOST = 200


@dataclass(frozen=True, slots=True)
class Here:
    """What was found; a path is empty where nothing was.

    Args:
        server: a certificate that may serve.
        key: its private key, when that stands in a file of its own.
        authority: a certificate that may sign.
        connect: addresses of what could be secured, the likeliest first.
    """

    server: str = ""
    key: str = ""
    authority: str = ""
    connect: tuple[str, ...] = ()

    def from_elsewhere(self) -> Here:
        """Return the same for a file in another directory: its paths begin at the root."""
        connect = tuple(
            f"UNIX:{os.path.abspath(each[5:])}" if each.startswith("UNIX:") else each
            for each in self.connect
        )
        server, key, authority = (
            path and os.path.abspath(path) for path in (self.server, self.key, self.authority)
        )
        return Here(server, key, authority, connect)


def found_here(folder: str) -> Here:
    """Look at the files of a directory, not below it; what cannot be read is passed by."""
    server = key = authority = ""
    server_key: bytes | None = None
    keys: dict[str, bytes] = {}
    for path, data in _files(folder):
        certificate = _first_certificate(data)
        own = _public_key(data)
        if own is not None:
            keys[path] = own
        if certificate is None:
            continue
        if _may_sign(certificate):
            authority = authority or path
        elif not server and _may_serve(certificate):
            server, server_key = path, _spki(certificate)
    if server and keys.get(server) != server_key:
        key = next((path for path, own in keys.items() if own == server_key), "")
    return Here(server, key, authority, tuple(_targets(folder)))


def _files(folder: str) -> Iterator[tuple[str, bytes]]:
    try:
        names = sorted(name for name in os.listdir(folder) if _NAMES.match(name))
    except OSError:
        return
    for name in names[:_MOST]:
        path = os.path.join(folder, name) if folder != "." else name
        try:
            if stat.S_ISREG(os.stat(path).st_mode):
                with open(path, "rb") as file:
                    yield path, file.read(_LARGEST)
        except OSError:
            continue


def _first_certificate(data: bytes) -> Certificate | None:
    from catflap.tls.certificates import PemError, read_certificates

    try:
        return read_certificates(data, "file")[0]
    except PemError:
        return None


def _public_key(data: bytes) -> bytes | None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from catflap.tls.certificates import PemError, read_key

    try:
        key = read_key(data, "file")
    except PemError:
        return None
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _spki(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _may_sign(certificate: Certificate) -> bool:
    from catflap.tls.certificates import facts_of

    return facts_of(certificate).is_authority


def _may_serve(certificate: Certificate) -> bool:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in usage


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match.group()}"


def _targets(folder: str) -> Iterator[str]:
    for name in sorted(os.listdir(folder) if os.path.isdir(folder) else ()):
        path = os.path.join(folder, name) if folder != "." else name
        try:
            mode = os.stat(path).st_mode
        except OSError:
            continue
        if stat.S_ISSOCK(mode):
            shown = path if os.path.isabs(path) else f"./{path}"
            yield f"UNIX:{_MEANINGFUL.sub(_escaped, shown)}"
        elif stat.S_ISREG(mode) and name.lower() in {"dockerfile", "containerfile"}:
            text = Path(path).read_text(errors="replace")
            yield from (f"TCP:127.0.0.1:{port}" for port in _EXPOSE.findall(text))
