"""Problems point at their place, whatever the text holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.core.spans import Problem, Span, excerpt, nearest, printable, underline


@pytest.mark.parametrize(
    ("source", "span", "shown"),
    [
        ("abc", Span(1, 2), "  abc\n   ^"),
        ("abc", Span(3, 3), "  abc\n     ^"),
        ("", Span(0, 0), "  \n  ^"),
        ("a\nbcd\ne", Span(3, 4), "  bcd\n   ^"),
        ("a\nbcd", Span(2, 5), "  bcd\n  ^^^"),
        ("ab\ncd", Span(1, 5), "  ab\n   ^"),
        ("\tx", Span(1, 2), "  \\tx\n    ^"),
        ("日本x", Span(1, 3), "  日本x\n    ^^^"),
        ("e\u0301x", Span(2, 3), "  e\u0301x\n   ^"),
    ],
)
def test_carets_stand_under_the_place(source: str, span: Span, shown: str) -> None:
    """Escapes, wide and combining characters are counted in columns."""
    assert underline(source, span) == shown


def test_a_long_line_is_cut_around_the_place() -> None:
    """Three dots stand for what is left out on either side."""
    shown = underline("x" * 500 + "HERE" + "y" * 500, Span(500, 504))
    line, carets = shown.split("\n")
    assert line.startswith("  ...x")
    assert line.endswith("y...")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "HERE"


@given(st.text(max_size=300), st.data())
def test_any_place_in_any_text_can_be_shown(text: str, data: st.DataObject) -> None:
    """Two printable lines, the carets not far outside the first."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    line, carets = underline(text, Span(start, end)).split("\n")
    assert line.isprintable()
    assert set(carets) == {" ", "^"}
    if line.isascii():
        assert len(carets) <= len(line) + 1
    if start < end and text[start].isprintable() and text[start] != "\n" and text.isascii():
        assert line[carets.index("^")] == text[start]


@given(st.text())
def test_printable_text_moves_no_cursor(text: str) -> None:
    """Nothing but printable characters is left, and those stay."""
    shown = printable(text)
    assert shown.isprintable()
    assert not any(
        unicodedata.bidirectional(char) in {"RLO", "LRO", "RLE", "LRE"} for char in shown
    )
    if text.isprintable():
        assert shown == text


def test_a_problem_is_one_sentence() -> None:
    """What is wrong, what was expected, the nearest spelling; on one line whatever it holds."""
    problem = Problem("a\nb is wrong", Span(0, 1), "a", "x", "y")
    assert problem.sentence() == "a\\nb is wrong; expected x; did you mean y?"
    assert problem.render().count("\n") == 2


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("keepalve", ("keepalive", "linger"), "keepalive"),
        ("TCP-LISTN", ("tcp-listen",), "tcp-listen"),
        ("tls1.1", ("TLS1.2",), "TLS1.2"),
        ("zzz", ("keepalive",), ""),
        ("", ("a",), ""),
        ("x" * 10_000, ("x",), ""),
    ],
)
def test_the_nearest_spelling(word: str, known: tuple[str, ...], found: str) -> None:
    """It is given as the table spells it, or not at all."""
    assert nearest(word, known) == found


def test_an_excerpt_is_short() -> None:
    """Both ends of a long word stay."""
    assert excerpt("short") == "short"
    assert excerpt("a" * 50 + "b" * 50, 13) == "aaaaa...bbbbb"


def test_spans() -> None:
    """A span runs forward; two have a cover."""
    assert Span(1, 2).cover(Span(5, 6)) == Span(1, 6)
    for start, end in ((-1, 0), (2, 1)):
        with pytest.raises(ValueError, match="not a span"):
            Span(start, end)
