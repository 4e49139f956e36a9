"""PROXY headers as values: what is written is read back, and what is not exact is refused."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.proxyproto.crc32c import crc32c
from catflap.proxyproto.header import Client, Endpoint, ProxyError, TlsInfo, TlvType
from catflap.proxyproto.reader import HeaderReader
from catflap.proxyproto.tlv import encode_tlv
from catflap.proxyproto.v1 import decode_v1, encode_v1
from catflap.proxyproto.v2 import FIXED, LONGEST, SIGNATURE, decode_v2, encode_v2

_SOURCE, _TARGET = Endpoint("10.1.2.3", 1234), Endpoint("192.0.2.9", 443)
_TLS = TlsInfo(
    Client.SSL | Client.CERT_CONN, verified=True, version="TLSv1.3", common_name="ann", cipher="X"
)
_ports = st.integers(0, 65535)
_v4 = st.builds(Endpoint, st.ip_addresses(v=4).map(str), _ports)
_v6 = st.builds(Endpoint, st.ip_addresses(v=6).map(str), _ports)
_texts = st.text(max_size=60)


def _read(stream: bytes, sizes: list[int]):
    """Feed a stream as a socket would: peeked at in pieces, taken off as the reader says."""
    reader, at, turn = HeaderReader(), 0, 0
    while reader.header is None and at < len(stream):
        size = min(reader.wanted, sizes[turn % len(sizes)])
        at += reader.feed(stream[at : at + size])
        turn += 1
    return reader.header, stream[at:]


def test_checksum_of_the_standard():
    """The check value of CRC-32C: nine digits."""
    assert crc32c(b"123456789") == 0xE3069283


@given(st.one_of(st.tuples(_v4, _v4), st.tuples(_v6, _v6)))
def test_v1_comes_back(ends):
    """What version 1 says is what was meant."""
    header = decode_v1(encode_v1(*ends))
    assert (header.source, header.destination) == ends


@given(
    st.one_of(st.tuples(_v4, _v4), st.tuples(_v6, _v6)),
    st.builds(
        TlsInfo,
        st.sampled_from([Client.SSL, Client.SSL | Client.CERT_SESS]),
        st.booleans(),
        _texts,
        _texts,
        _texts,
    ),
    st.binary(max_size=128),
    _texts,
)
def test_v2_comes_back(ends, tls, unique_id, authority):
    """So with version 2, its records and its checksum."""
    header = decode_v2(encode_v2(*ends, tls=tls, unique_id=unique_id, authority=authority))
    assert (header.source, header.destination) == ends
    assert (header.tls, header.unique_id, header.authority) == (tls, unique_id, authority)


@given(
    st.sampled_from([encode_v1(_SOURCE, _TARGET), encode_v2(_SOURCE, _TARGET, tls=_TLS)]),
    st.binary(max_size=200),
    st.lists(st.integers(1, 120), min_size=1, max_size=5),
)
def test_what_follows_is_left_alone(header, rest, sizes):
    """However the bytes arrive, exactly the header is taken off."""
    found, left = _read(header + rest, sizes)
    assert found is not None
    assert found.source == _SOURCE
    assert left == rest


@given(st.binary(max_size=300))
def test_any_bytes_are_a_header_or_refused(data):
    """Nothing else can come of bytes from a wire."""
    for decode in (decode_v1, decode_v2, lambda stream: _read(stream, [7])):
        with contextlib.suppress(ProxyError):
            decode(data)


@pytest.mark.parametrize(
    "line",
    [
        b"PROXY TCP4 10.1.2.3 10.9.9.9 1234 80\n",
        b"PROXY TCP4 10.1.2.3 10.9.9.9 1234\r\n",
        b"PROXY TCP4 10.1.2.3 10.9.9.9 1234 80 \r\n",
        b"PROXY TCP4  10.1.2.3 10.9.9.9 1234 80\r\n",
        b"PROXY TCP4 10.1.2.3 10.9.9.9 01234 80\r\n",
        b"PROXY TCP4 10.1.2.3 10.9.9.9 65536 80\r\n",
        b"PROXY TCP4 10.1.2.3 10.9.9.9 -1 80\r\n",
        b"PROXY TCP4 10.1.2.300 10.9.9.9 1 80\r\n",
        b"PROXY TCP4 010.1.2.3 10.9.9.9 1 80\r\n",
        b"PROXY TCP4 ::1 ::1 1 80\r\n",
        b"PROXY TCP6 10.1.2.3 10.9.9.9 1 80\r\n",
        b"PROXY TCP6 fe80::1%eth0 ::1 1 80\r\n",
        b"PROXY TCP5 10.1.2.3 10.9.9.9 1 80\r\n",
        b"PROXY UDP4 10.1.2.3 10.9.9.9 1 80\r\n",
        b"proxy TCP4 10.1.2.3 10.9.9.9 1 80\r\n",
        b"PROXY UNKNOWNX\r\n",
        b"PROXY TCP4 10.1.2.3 10.9.9.9 1\xb2 80\r\n",
        b"PROXY UNKNOWN " + b"x" * 100 + b"\r\n",
        b"\r\n",
        b"",
    ],
)
def test_v1_is_exact(line):
    """A line that differs in anything is refused."""
    with pytest.raises(ProxyError):
        decode_v1(line)


def _mutations(count: int):
    """Yield headers with one thing changed; the checksum covers every byte."""
    good = encode_v2(_SOURCE, _TARGET, tls=_TLS, unique_id=b"id", authority="api.internal")
    chance = random.Random(7)
    while count:
        data = bytearray(good)
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at:]
            case _:
                data.insert(at, chance.randrange(256))
        if bytes(data) != good:
            count -= 1
            yield bytes(data)


def test_hundreds_of_mutated_headers_are_refused():
    """Of four hundred headers with one bit, byte or end changed none names a wrong source.

    Two changes leave a header: PROXY may become LOCAL, by which the sender speaks for itself, and
    the record of the checksum may become one of another type, for the checksum is optional.
    """
    taken = []
    for data in _mutations(400):
        try:
            taken.append(decode_v2(data))
        except ProxyError:
            continue
    assert all(header.is_local or header.source == _SOURCE for header in taken)
    assert len(taken) < 8


def test_records_that_we_do_not_know_are_ignored():
    """A type from the range for experiments changes nothing."""
    plain = encode_v2(_SOURCE, _TARGET)
    body = plain[FIXED:-7] + encode_tlv(0xE0, b"\1\2")
    data = SIGNATURE + b"\x21\x11" + len(body).to_bytes(2) + body
    header = decode_v2(data)
    assert header.source == _SOURCE
    assert [tlv.type for tlv in header.tlvs] == [0xE0]


def test_longer_than_anybody_needs():
    """A header that announces 60 KiB is refused before they are waited for."""
    with pytest.raises(ProxyError, match="4096"):
        _read(SIGNATURE + b"\x21\x11" + (60_000).to_bytes(2), [16])
    assert LONGEST == 4096


def test_what_does_not_fit_is_not_said_by_half():
    """A record that is too long refuses the whole header."""
    with pytest.raises(ProxyError):
        encode_v2(_SOURCE, _TARGET, unique_id=b"x" * 129)
    with pytest.raises(ProxyError):
        encode_v2(_SOURCE, _TARGET, authority="x" * 5000)
    with pytest.raises(ProxyError):
        encode_v1(_SOURCE, Endpoint("::1", 1))


def test_unknown_ends():
    """A near side without an address says so; version 2 maps IPv4 into IPv6 where they mix."""
    assert encode_v1(None, None) == b"PROXY UNKNOWN\r\n"
    assert decode_v2(encode_v2(None, None)).source is None
    mixed = decode_v2(encode_v2(_SOURCE, Endpoint("::1", 1)))
    assert mixed.source == Endpoint("::ffff:a01:203", 1234)


def test_a_wrong_checksum():
    """The checksum is looked at wherever its record stands."""
    data = bytearray(encode_v2(_SOURCE, _TARGET))
    assert data[-7] == TlvType.CRC32C
    data[-1] ^= 1
    with pytest.raises(ProxyError, match="checksum"):
        decode_v2(bytes(data))


@pytest.mark.parametrize(
    ("name", "host"),
    [
        (b"/run/x", "/run/x"),
        (b"10.1.2.3", "./10.1.2.3"),
        (b"::1", "./::1"),
        (b"unix", "./unix"),
        (b"/run/x\0\0y", "/run/x"),
        (b"\0abstract", "@abstract"),
        (b"\0", ""),
        (b"\xff", "./\\xff"),
    ],
)
def test_the_name_of_a_unix_socket_is_no_address(name, host):
    """Its owner chose it, and a list of networks must not take it for one of its own."""
    body = name.ljust(108, b"\0") + b"/run/y".ljust(108, b"\0")
    data = SIGNATURE + b"\x21\x31" + len(body).to_bytes(2) + body
    header = decode_v2(data)
    assert header.source == Endpoint(host)
    assert header.destination == Endpoint("/run/y")
