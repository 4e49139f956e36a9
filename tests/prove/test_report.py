"""The report reads the same everywhere: plain lines, a wide terminal, a narrow one."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from catflap.prove.attempt import Ended, Family, Outcome, Witness
from catflap.prove.demo import Demo
from catflap.prove.evidence import Evidence
from catflap.prove.exchange import compare
from catflap.prove.plain import plain_report
from catflap.prove.records import Record
from catflap.prove.screen import Screen
from catflap.prove.tap import Direction, Flow
from catflap.prove.telling import NEXT, byte_count, command, sayings

REQUEST = b"GET / HTTP/1.1\r\nX-Attempt: get\r\n\r\ncatnip-1"


def row(expected: Outcome, outcome: Outcome, note: str = "") -> Evidence:
    return Evidence(
        attempt="noise",
        family=Family.PROTOCOL,
        title="noise",
        expected=expected,
        outcome=outcome,
        as_expected=expected is outcome,
        expected_rule="not-tls",
        rule="not-tls" if outcome is not Outcome.UNCLEAR else "",
        reason="what came is not TLS (wrong version number)",
        witness=Witness.SERVER,
        alert="",
        note=note,
        source="127.0.0.1:1",
        ended=Ended.CLOSED,
        seconds=0.1,
        event=None,
    )


def demo(*rows: Evidence, strangers: tuple[str, ...] = ()) -> Demo:
    flow = Flow("127.0.0.1:1")
    flow.keep(Direction.TO_SERVER, Record(23, 3, bytes(len(REQUEST) + 17)).wire)
    return Demo(
        format=1,
        catflap="0",
        ok=not strangers and all(each.as_expected for each in rows),
        seconds=4.2,
        server=("TLS-LISTEN:0,range=[!127.0.0.66/32]", "UNIX:api.sock"),
        client=("TCP-LISTEN:0", "TLS:localhost:1"),
        attempts=rows,
        exchange=compare(flow, REQUEST, "catnip-1"),
        requests=1,
        strangers=strangers,
    )


GOOD = demo(row(Outcome.REFUSED, Outcome.REFUSED))
BAD = demo(
    row(Outcome.REFUSED, Outcome.SERVED),
    row(Outcome.DROPPED, Outcome.UNCLEAR, "still open after 8 s"),
    strangers=("noise",),
)


def on_screen(report: Demo, width: int) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    screen = Screen(console)
    screen.staged(report.server, report.client)
    screen.told(report.attempts[0])
    screen.report(report)
    return out.getvalue()


def test_plain_lines_are_ascii_and_aligned() -> None:
    text = plain_report(GOOD)
    assert text.isascii()
    assert "\x1b" not in text
    head, first = (line for line in text.splitlines() if line.startswith(("attempt", "noise")))
    assert head.index("rule") == first.index("not-tls")
    assert "ok: 1 of 1 attempts went as expected" in text
    assert "X-Attempt: get\n" in text


@pytest.mark.parametrize("width", [80, 110])
def test_a_screen_of_any_width_says_it_all(width: int) -> None:
    text = on_screen(GOOD, width)
    for needed in ("✓ noise", "How do you speak?", "the request", "17 03 03", "catnip-1"):
        assert needed in text
    assert "✗" not in text
    for _, words in NEXT:
        assert words in text  # on one line: it is there to be copied


@pytest.mark.parametrize("text", [plain_report(BAD), on_screen(BAD, 110), on_screen(BAD, 80)])
def test_what_went_wrong_is_said(text: str) -> None:
    assert "0 of 2 attempts" in text
    assert "still open after 8 s" in text
    assert "the API saw requests of noise" in text
    assert "✗ noise" in text or "NOT  not-tls" in text


def test_each_way_to_lose_the_word_has_its_sentence() -> None:
    read = msgspec.structs.replace(GOOD.exchange, word_on_network=True)
    lost = msgspec.structs.replace(GOOD.exchange, word_in_request=False)
    broken = msgspec.structs.replace(GOOD.exchange, records=(), problem="no TLS at all")
    told = [
        sayings(msgspec.structs.replace(GOOD, exchange=exchange))[1]
        for exchange in (read, lost, broken)
    ]
    assert not any(saying.good for saying in told)
    assert [saying.text.partition("catnip-1 ")[2] or saying.text for saying in told] == [
        "can be read on the network",
        "did not reach the API",
        "no TLS at all",
    ]


def test_commands_are_quoted_as_a_shell_needs_them() -> None:
    assert command(("TCP-LISTEN:0,range=[!1.2.3.4]", "-")) == (
        "catflap run 'TCP-LISTEN:0,range=[!1.2.3.4]' -"
    )


def test_one_byte_is_no_bytes() -> None:
    assert (byte_count(1), byte_count(1464)) == ("1 byte", "1,464 bytes")


@pytest.mark.parametrize("width", [110, 160])
def test_a_long_reason_is_folded_and_not_cut(width: int) -> None:
    told = "a reason of more words than there is room for in a line of this terminal, to the end"
    text = on_screen(demo(row(Outcome.REFUSED, Outcome.UNCLEAR, told)), width)
    assert set(told.split()) <= set(text.split())
