"""The facts that a bridge's rules need, collected before anything is opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.core.facts import Facts, FileFacts

if TYPE_CHECKING:
    from catflap.bridge.model import Bridge
    from catflap.core.nouns import CertificateFacts

__all__ = ("in_container", "look_at", "named_files", "survey")

_FILE_OPTIONS = ("openssl-certificate", "openssl-key", "openssl-cafile")
_LARGEST = 4 * 1024 * 1024
_MARKS_OF_CONTAINERS = ("/.dockerenv", "/run/.containerenv")


def survey(bridge: Bridge) -> Facts:
    """Return the facts; a file that cannot be looked at is a fact too, never an error."""
    files = {path: look_at(path) for path in named_files(bridge)}
    return Facts(uid=os.geteuid(), now=clock.now(), files=files, container=in_container())


def named_files(bridge: Bridge) -> tuple[str, ...]:
    """Return the certificates and keys that the addresses name, as far as their names are known."""
    found: dict[str, None] = {}
    for side in bridge.reached:
        for name in _FILE_OPTIONS:
            path = side.text(name)
            if path.value and not path.is_unknown:
                found[path.value] = None
    return tuple(found)


def look_at(path: str) -> FileFacts:
    """Return what is known about a file; nothing but a regular file is opened."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return FileFacts(path, exists=False)
    pem = _read(path) if stat.S_ISREG(status.st_mode) else b""
    return FileFacts(
        path,
        exists=True,
        mode=stat.S_IMODE(status.st_mode),
        owner=status.st_uid,
        certificates=_certificates(pem),
        holds_key=b"PRIVATE KEY-----" in pem,
        sheltered=_sheltered(Path(path)),
    )


def _read(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""


def _sheltered(path: Path) -> bool:
    """Whether a directory above keeps users out who are neither its owner nor of its group."""
    try:
        return any(not each.stat().st_mode & stat.S_IXOTH for each in path.resolve().parents)
    except (OSError, RuntimeError):  # RuntimeError: a link that leads to itself
        return False


def _certificates(pem: bytes) -> tuple[CertificateFacts, ...]:
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        return ()
    # Imported when there is something to read: cryptography costs a plain relay 40 ms.
    from catflap.tls.certificates import PemError, facts_of, read_certificates

    try:
        return tuple(facts_of(each) for each in read_certificates(pem, "file"))
    except PemError:
        return ()


def in_container() -> bool:
    """Whether this process runs in a container, as Docker and Podman mark it."""
    return any(Path(mark).exists() for mark in _MARKS_OF_CONTAINERS)
