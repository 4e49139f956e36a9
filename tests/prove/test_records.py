"""Any bytes are cut into records or rejected with the documented error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.prove.records import Record, RecordError, RecordReader

RECORDS = st.builds(
    Record,
    kind=st.integers(20, 24),
    minor=st.integers(0, 255),
    body=st.binary(max_size=300),
)


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_any_bytes_are_parsed_or_rejected(data: bytes, step: int) -> None:
    reader = RecordReader()
    found = []
    try:
        for at in range(0, len(data), step):
            found += reader.feed(data[at : at + step])
    except RecordError:
        return
    assert b"".join(record.wire for record in found) + reader.rest == data
    for record in found:
        assert record.name
        assert record.version


@given(st.lists(RECORDS, max_size=8), st.data())
def test_records_come_out_as_they_went_in_however_they_are_cut(
    records: list[Record], data: st.DataObject
) -> None:
    wire = b"".join(record.wire for record in records)
    reader, found, at = RecordReader(), [], 0
    while at < len(wire):
        size = data.draw(st.integers(1, len(wire) - at))
        found += reader.feed(wire[at : at + size])
        at += size
    assert found == records
    assert reader.rest == b""


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"GET / HTTP/1.1\r\n", "content type 71"),
        (b"\x16\x02\x00\x00\x01\x00", "version 2.x"),
        (b"\x17\x03\x03\xff\xff", "65535 bytes"),
        (b"\x13\x03\x03\x00\x01", "content type 19"),
    ],
)
def test_what_is_not_tls_is_rejected_by_its_header(data: bytes, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        RecordReader().feed(data)


@pytest.mark.parametrize(
    ("record", "name", "version"),
    [
        (Record(22, 1, b"\x01rest"), "ClientHello", "TLS 1.0"),
        (Record(22, 3, b"\x02rest"), "ServerHello", "TLS 1.2"),
        (Record(22, 3, b"\x0brest"), "handshake", "TLS 1.2"),
        (Record(22, 3, b""), "handshake", "TLS 1.2"),
        (Record(23, 3, b"\x01"), "application data", "TLS 1.2"),
        (Record(21, 9, b"\x01\x00"), "alert", "3.9"),
    ],
)
def test_a_record_names_itself(record: Record, name: str, version: str) -> None:
    assert (record.name, record.version) == (name, version)
