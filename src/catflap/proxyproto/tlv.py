"""The records after the addresses of version 2 (proxy-protocol.txt, section 2.2)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from catflap.proxyproto.header import Client, ProxyError, TlsInfo, Tlv, TlvType

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("decode_tls", "decode_tlvs", "encode_tls", "encode_tlv")

_HEAD = struct.Struct("!BH")
_SSL = struct.Struct("!BL")
_TEXTS = {
    TlvType.SSL_VERSION: "version",
    TlvType.SSL_CN: "common_name",
    TlvType.SSL_CIPHER: "cipher",
    TlvType.SSL_SIG_ALG: "signature",
    TlvType.SSL_KEY_ALG: "key",
    TlvType.SSL_GROUP: "group",
}


def decode_tlvs(data: bytes) -> Iterator[tuple[Tlv, int]]:
    """Yield each record and where its value begins in ``data``.

    Raises:
        ProxyError: a record runs past the end.
    """
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise ProxyError("a record of PROXY v2 is cut off")
        kind, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if length > len(data) - at:
            raise ProxyError("a record of PROXY v2 is longer than the header")
        yield Tlv(kind, data[at : at + length]), at
        at += length


def decode_tls(value: bytes) -> TlsInfo:
    """Return the SSL record.

    Raises:
        ProxyError: it is cut off, or a text in it is no UTF-8.
    """
    if len(value) < _SSL.size:
        raise ProxyError("the SSL record of PROXY v2 is cut off")
    client, verify = _SSL.unpack_from(value)
    texts = {}
    for tlv, _ in decode_tlvs(value[_SSL.size :]):
        if tlv.type in _TEXTS:
            texts[_TEXTS[TlvType(tlv.type)]] = _text(tlv.value)
    return TlsInfo(Client(client & 0x07), verify == 0, **texts)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise ProxyError("a text in the SSL record of PROXY v2 is no UTF-8") from None


def encode_tlv(kind: int, value: bytes) -> bytes:
    """Return a record.

    Raises:
        ProxyError: the value has more than 65,535 bytes.
    """
    if len(value) > 0xFFFF:
        raise ProxyError(f"a value of {len(value)} bytes does not fit into a record")
    return _HEAD.pack(kind, len(value)) + value


def encode_tls(tls: TlsInfo) -> bytes:
    """Return the SSL record of version 2.

    Raises:
        ProxyError: a text does not fit.
    """
    body = _SSL.pack(tls.client, 0 if tls.verified else 1)
    for kind, name in _TEXTS.items():
        text = getattr(tls, name)
        if text:
            body += encode_tlv(kind, text.encode())
    return encode_tlv(TlvType.SSL, body)
