"""Questions to name servers and their answers."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.relay.dns_message import DnsError, Record, question, read_answer

ASKED = question(7, "web.example.org", Record.A)


def reply(*records: bytes, number: int = 7, flags: int = 0x8180, body: bytes = ASKED[12:]) -> bytes:
    """Return an answer to ASKED with these records."""
    return struct.pack("!HHHHHH", number, flags, 1, len(records), 0, 0) + body + b"".join(records)


def record(kind: int, data: bytes, owner: bytes = b"\xc0\x0c") -> bytes:
    """Return one record, whose owner is a pointer to the name that was asked for."""
    return owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def test_a_question_is_as_rfc_1035_has_it():
    """Header, labels with their lengths, type and class."""
    assert (
        bytes.fromhex("000701000001000000000000")
        + (b"\x03web\x07example\x03org\x00\x00\x01\x00\x01")
        == ASKED
    )


def test_addresses_are_those_of_the_name_and_of_its_aliases():
    """An alias is followed; a record of another name is left alone."""
    alias = record(5, b"\x04host\xc0\x10")
    of_alias = record(1, bytes((192, 0, 2, 1)), b"\x04host\xc0\x10")
    stray = record(1, bytes((203, 0, 113, 1)), b"\x04evil\x00")
    answer = read_answer(reply(alias, of_alias, stray), ASKED)
    assert answer.addresses == ("192.0.2.1",)


def test_what_the_server_says_besides_is_kept():
    """A missing name and a cut answer are told apart from success."""
    assert read_answer(reply(flags=0x8183), ASKED).code == 3
    assert read_answer(reply(flags=0x8380), ASKED).truncated


@pytest.mark.parametrize(
    "packet",
    [
        reply(number=8),
        reply(flags=0x0100),
        reply(body=question(7, "other.example.org", Record.A)[12:]),
        reply(record(1, b"\x01\x02\x03")),
        reply(record(1, bytes(4))[:-2]),
        reply(record(5, b"\xc0\xff")),
        reply(record(1, bytes(4), b"\xc0\x21")),
        b"",
    ],
)
def test_what_is_no_answer_is_refused(packet):
    """Another number, question or length, and a name that points to itself."""
    with pytest.raises(DnsError):
        read_answer(packet, ASKED)


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64, "a." * 127 + "toolong"])
def test_what_is_no_name_is_not_asked(name):
    """Labels hold 1 to 63 bytes, names 253."""
    with pytest.raises(DnsError):
        question(1, name, Record.A)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tail):
    """Whatever comes after a good head."""
    try:
        answer = read_answer(reply() + tail, ASKED)
    except DnsError:
        return
    assert answer.addresses == ()


@given(st.binary(max_size=120))
def test_any_packet_is_read_or_refused(packet):
    """Nothing but DnsError comes out."""
    try:
        read_answer(packet, ASKED)
    except DnsError:
        return
