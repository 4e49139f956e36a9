"""Version 2: binary, with records and a checksum (proxy-protocol.txt, section 2.2)."""

from __future__ import annotations

import ipaddress
import struct
from typing import TYPE_CHECKING

from catflap.proxyproto.crc32c import crc32c
from catflap.proxyproto.header import Endpoint, Header, ProxyError, Tlv, TlvType, Version
from catflap.proxyproto.tlv import decode_tls, decode_tlvs, encode_tls, encode_tlv

if TYPE_CHECKING:
    from catflap.proxyproto.header import TlsInfo

__all__ = ("FIXED", "LONGEST", "SIGNATURE", "body_length", "decode_v2", "encode_v2")

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
FIXED = 16
"""Bytes before the part whose length they tell."""
LONGEST = 4096
"""Bytes that we take; the field could say 65,535, and nobody who is honest needs them."""

_HEAD = struct.Struct("!12sBBH")
_CHECKSUM = struct.Struct("!L")
_LOCAL, _PROXY = 0x20, 0x21
_INET, _INET6, _UNIX = 1, 2, 3
_STREAM, _DGRAM = 1, 2
_SIZES = {_INET: 12, _INET6: 36, _UNIX: 216}
_PATH = 108
_LONGEST_ID = 128


def body_length(fixed: bytes) -> int:
    """Return how many bytes follow the first sixteen.

    Raises:
        ProxyError: they are no such header, or one that is too long.
    """
    signature, command, _, length = _HEAD.unpack(fixed)
    if signature != SIGNATURE:
        raise ProxyError("the signature of PROXY v2 is not there")
    if command not in {_LOCAL, _PROXY}:
        raise ProxyError("neither LOCAL nor PROXY of version 2")
    if FIXED + length > LONGEST:
        raise ProxyError(f"a header of {FIXED + length} bytes; {LONGEST} are taken")
    return int(length)


def decode_v2(data: bytes) -> Header:
    """Return the header of exactly these bytes.

    Raises:
        ProxyError: they are not written as the specification says, or the checksum is wrong.
    """
    if len(data) < FIXED or len(data) - FIXED != body_length(data[:FIXED]):
        raise ProxyError("the length of PROXY v2 is wrong")
    command, protocol = data[12], data[13]
    if command == _LOCAL:
        # Section 2.2: whatever follows is to be discarded, the family included.
        return Header(Version.V2, is_local=True)
    family, transport = protocol >> 4, protocol & 0x0F
    if family > _UNIX or transport > _DGRAM:
        raise ProxyError("an address family that PROXY v2 does not know")
    known = family in _SIZES and transport != 0
    size = _SIZES[family] if known else 0
    if len(data) - FIXED < size:
        raise ProxyError("the addresses of PROXY v2 are cut off")
    source = destination = None
    if known:
        source, destination = _addresses(family, data[FIXED : FIXED + size])
    return _header(source, destination, _records(data, FIXED + size))


def _records(data: bytes, start: int) -> tuple[Tlv, ...]:
    found = []
    for tlv, at in decode_tlvs(data[start:]):
        if tlv.type == TlvType.CRC32C:
            place = start + at
            if len(tlv.value) != _CHECKSUM.size:
                raise ProxyError("the checksum of PROXY v2 has four bytes")
            zeroed = data[:place] + bytes(_CHECKSUM.size) + data[place + _CHECKSUM.size :]
            if crc32c(zeroed) != _CHECKSUM.unpack(tlv.value)[0]:
                raise ProxyError("the checksum of PROXY v2 does not match")
        found.append(tlv)
    return tuple(found)


def _header(
    source: Endpoint | None,
    destination: Endpoint | None,
    tlvs: tuple[Tlv, ...],
) -> Header:
    by_type = {tlv.type: tlv.value for tlv in tlvs}
    unique = by_type.get(TlvType.UNIQUE_ID, b"")
    if len(unique) > _LONGEST_ID:
        raise ProxyError("the unique id of PROXY v2 has at most 128 bytes")
    try:
        authority = by_type.get(TlvType.AUTHORITY, b"").decode()
    except UnicodeDecodeError:
        raise ProxyError("the authority of PROXY v2 is no UTF-8") from None
    record = by_type.get(TlvType.SSL)
    return Header(
        Version.V2,
        source,
        destination,
        tls=decode_tls(record) if record is not None else None,
        unique_id=unique,
        authority=authority,
        alpn=by_type.get(TlvType.ALPN, b""),
        tlvs=tlvs,
    )


def _addresses(family: int, data: bytes) -> tuple[Endpoint, Endpoint]:
    if family == _UNIX:
        return _path(data[:_PATH]), _path(data[_PATH:])
    size = 4 if family == _INET else 16
    hosts = [str(ipaddress.ip_address(data[at : at + size])) for at in (0, size)]
    ports = struct.unpack_from("!HH", data, 2 * size)
    return Endpoint(hosts[0], ports[0]), Endpoint(hosts[1], ports[1])


def _path(data: bytes) -> Endpoint:
    """Return the name of a UNIX socket so that no list takes it for an internet address.

    Its owner chose it. Abstract names begin with ``@`` and relative ones with ``./``.
    """
    if data.startswith(b"\0"):
        name = data[1:].rstrip(b"\0")
        mark = "@" if name else ""
    else:
        name = data.partition(b"\0")[0]
        mark = "" if name.startswith(b"/") else "./"
    return Endpoint(mark + name.decode("utf-8", "backslashreplace"))


def encode_v2(
    source: Endpoint | None,
    destination: Endpoint | None,
    *,
    tls: TlsInfo | None = None,
    unique_id: bytes = b"",
    authority: str = "",
) -> bytes:
    """Return the header for a connection, with a checksum.

    Ends that are no internet addresses are told as AF_UNSPEC; records go along all the same.

    Raises:
        ProxyError: a fact does not fit: a header that says half the truth is worse than none.
    """
    family, addresses = _encode_addresses(source, destination)
    records = b""
    if authority:
        records += encode_tlv(TlvType.AUTHORITY, authority.encode())
    if unique_id:
        if len(unique_id) > _LONGEST_ID:
            raise ProxyError("a unique id has at most 128 bytes")
        records += encode_tlv(TlvType.UNIQUE_ID, unique_id)
    if tls is not None:
        records += encode_tls(tls)
    checksum = encode_tlv(TlvType.CRC32C, bytes(_CHECKSUM.size))
    body = addresses + records + checksum
    if FIXED + len(body) > LONGEST:
        raise ProxyError(f"a header of {FIXED + len(body)} bytes is longer than {LONGEST}")
    data = _HEAD.pack(SIGNATURE, _PROXY, family, len(body)) + body
    return data[: -_CHECKSUM.size] + _CHECKSUM.pack(crc32c(data))


def _encode_addresses(source: Endpoint | None, destination: Endpoint | None) -> tuple[int, bytes]:
    if source is None or destination is None:
        return 0, b""
    try:
        ends = [ipaddress.ip_address(end.host.partition("%")[0]) for end in (source, destination)]
    except ValueError:
        return 0, b""
    if ends[0].version != ends[1].version:
        ends = [_as_v6(end) for end in ends]
    family = _INET if ends[0].version == 4 else _INET6
    ports = struct.pack("!HH", source.port, destination.port)
    return family << 4 | _STREAM, ends[0].packed + ends[1].packed + ports


def _as_v6(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv6Address:
    """Return a v4 address as v6 holds it (RFC 4291, section 2.5.5.2)."""
    if isinstance(address, ipaddress.IPv6Address):
        return address
    return ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
