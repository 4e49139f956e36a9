"""Records of TLS 1.3 as the library would not send them: thousands of changes of keys in a row."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

__all__ = ("SUITE", "key_updates")

SUITE = b"TLS_AES_256_GCM_SHA384"
"""What the connection must have agreed on."""

_HASH_BYTES = 48
_UPDATE = b"\x18\x00\x00\x01\x00"
"""A handshake message of its own: key_update, one byte long, which asks for none in return."""
_HANDSHAKE, _DATA = b"\x16", b"\x17"


def key_updates(secret: bytes, count: int, data: bytes) -> bytes:
    """Return the records of a sender who changes keys so often, then says something.

    Args:
        secret: its traffic secret, before it has sent anything (RFC 8446, 7.1).
        count: of the changes.
        data: what it says in the end.
    """
    records = []
    for _ in range(count):
        records.append(_record(secret, _UPDATE + _HANDSHAKE))
        secret = _expand(secret, b"traffic upd", _HASH_BYTES)
    return b"".join([*records, _record(secret, data + _DATA)])


def _record(secret: bytes, inner: bytes) -> bytes:
    """Return the first record under a secret (RFC 8446, 5.2): its number is 0."""
    head = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
    key, nonce = _expand(secret, b"key", 32), _expand(secret, b"iv", 12)
    return head + AESGCM(key).encrypt(nonce, inner, head)


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446, 7.1)."""
    name = b"tls13 " + label
    info = size.to_bytes(2) + bytes([len(name)]) + name + b"\0"
    return HKDFExpand(SHA384(), size, info).derive(secret)
