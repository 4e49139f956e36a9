"""The word must come through, and nobody may read it on the way."""

from __future__ import annotations

from catflap.prove.exchange import TLS_OVERHEAD, compare
from catflap.prove.records import Record
from catflap.prove.tap import Direction, Flow
from catflap.prove.telling import hex_lines, runs_of

REQUEST = b"POST / HTTP/1.1\r\n\r\ncatnip-1"


def flow(*records: tuple[Direction, Record]) -> Flow:
    made = Flow("127.0.0.1:1")
    for direction, record in records:
        made.keep(direction, record.wire)
    return made


def good_flow() -> Flow:
    return flow(
        (Direction.TO_SERVER, Record(22, 1, b"\x01" + bytes(60))),
        (Direction.TO_CLIENT, Record(23, 3, bytes(20))),
        (Direction.TO_CLIENT, Record(23, 3, bytes(30))),
        (Direction.TO_SERVER, Record(23, 3, bytes(len(REQUEST) + TLS_OVERHEAD))),
        (Direction.TO_SERVER, Record(23, 3, bytes(19))),
    )


def test_a_word_that_nobody_could_read_holds() -> None:
    exchange = compare(good_flow(), REQUEST, "catnip-1")
    assert exchange.holds
    assert [record.holds_request for record in exchange.records] == [False] * 3 + [True, False]
    assert exchange.records[0].type == "ClientHello"


def test_a_word_in_the_clear_is_found_even_across_chunks() -> None:
    leaky = good_flow()
    leaky.keep(Direction.TO_SERVER, b"\x17\x03\x03\x00\x08cat")
    leaky.keep(Direction.TO_CLIENT, b"\x17\x03\x03\x00\x00")
    leaky.keep(Direction.TO_SERVER, b"nip-1")
    exchange = compare(leaky, REQUEST, "catnip-1")
    assert exchange.word_on_network
    assert not exchange.holds


def test_a_word_that_never_came_does_not_hold() -> None:
    assert not compare(good_flow(), b"", "catnip-1").holds


def test_what_is_not_tls_does_not_hold() -> None:
    plain = Flow("127.0.0.1:1")
    plain.keep(Direction.TO_SERVER, b"POST / HTTP/1.1\r\n\r\nROT13")
    exchange = compare(plain, REQUEST, "catnip-1")
    assert "content type 80" in exchange.problem
    assert not exchange.holds
    assert not compare(None, REQUEST, "catnip-1").holds


def test_runs_join_alike_records_but_never_the_request() -> None:
    runs = runs_of(compare(good_flow(), REQUEST, "catnip-1").records)
    assert [(run.type, run.count, run.length) for run in runs] == [
        ("ClientHello", 1, 61),
        ("application data", 2, 50),
        ("application data", 1, len(REQUEST) + TLS_OVERHEAD),
        ("application data", 1, 19),
    ]


def test_the_record_with_the_request_is_shown_in_hexadecimal() -> None:
    lines = hex_lines(compare(good_flow(), REQUEST, "catnip-1"))
    assert lines[0][0].startswith("17 03 03 00 2c 00")
    assert lines[0][1] == "....,......."
    assert hex_lines(compare(None, b"", "x")) == []
