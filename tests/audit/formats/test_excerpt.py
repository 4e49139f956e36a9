"""The marks stand under the exact place, whatever the source is made of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.audit.formats.excerpt import rows
from catflap.audit.report import Place
from catflap.core.spans import columns, printable
from tests.support.reports import finding


def _cut(text: str, before: int, marked: int) -> str:
    """Return what stands over the marks on a terminal."""
    at, kept = 0, ""
    for char in text:
        if before <= at < before + marked:
            kept += char
        at += columns(char)
    return kept


@pytest.mark.parametrize(
    ("line", "marked", "shown", "over"),
    [
        ("a verify=0 b", "verify=0", "a verify=0 b", "verify=0"),
        ("\tsocat -v", "-v", "    socat -v", "-v"),
        ("ab\t-v", "-v", "ab  -v", "-v"),
        ("\u540d\u524d -v", "-v", "\u540d\u524d -v", "-v"),
        ("-v \u540d\u524d", "\u540d\u524d", "-v \u540d\u524d", "\u540d\u524d"),
        ("e\u0301 -v", "-v", "e\u0301 -v", "-v"),
        ("\x1b[31m -v", "-v", "\\x1b[31m -v", "-v"),
        ("a \u202e b -v", "\u202e", "a \\u202e b -v", "\\u202e"),
        ("\U0001f9e6 -v", "-v", "\U0001f9e6 -v", "-v"),
    ],
    ids=ascii,
)
def test_marks(line: str, marked: str, shown: str, over: str) -> None:
    """Tabs, wide characters, accents and escapes: the marks are as wide as what they mark."""
    (row,) = rows(finding(line, marked), 100)
    assert row.text == shown
    assert _cut(row.text, row.before, row.marked) == over


@given(before=st.text(max_size=300), marked=st.text(min_size=1, max_size=60), after=st.text())
def test_marks_any_text(before: str, marked: str, after: str) -> None:
    """In a line of any length and any characters, what is marked is what is meant."""
    before, marked, after = ("".join(each.split()) + "." for each in (before, marked, after))
    line = f"{before}{marked}{after}"
    start = len(before)
    place = Place(1, start + 1, 1, start + 1 + len(marked), start, start + len(marked))
    (row,) = rows(replace(finding(line, line), place=place), 400)
    assert columns(row.text) <= 400
    assert _cut(row.text, row.before, row.marked) == printable(marked)


def test_several_lines() -> None:
    """Each line has its own marks, not under its indentation; what is left out is told."""
    lines = ("socat A \\", "    B,verify=0 \\", "    C \\", "    D \\", "    E \\")
    place = Place(3, 7, 9, 4, 6, 60)
    made = list(rows(replace(finding("x", "x"), place=place, excerpt=lines, excerpt_line=3), 80))
    assert [row.number for row in made] == [3, 4, 5, 6, 7, 0]
    assert [_cut(row.text, row.before, row.marked) for row in made] == [
        "A \\",
        "B,verify=0 \\",
        "C \\",
        "D \\",
        "E \\",
        "",
    ]


def test_long_line() -> None:
    """Of a line that fills the screen many times, the part around the place is shown."""
    line = f"{'x' * 900} verify=0 {'y' * 900}"
    (row,) = rows(finding(line, "verify=0"), 80)
    assert columns(row.text) <= 80
    assert row.text.startswith("...x")
    assert row.text.endswith("y...")
    assert _cut(row.text, row.before, row.marked) == "verify=0"


def test_place_behind_what_is_shown() -> None:
    """A place so far to the right that its line was cut still has a mark, at the end."""
    place = Place(1, 5001, 1, 5009, 5000, 5008)
    (row,) = rows(replace(finding("x" * 2000, "x"), place=place), 80)
    assert row.marked == 1
    assert row.before <= columns(row.text)


def test_empty_place() -> None:
    """Nothing, such as a file's end, is marked by one caret."""
    place = Place(1, 6, 1, 6, 5, 5)
    (row,) = rows(replace(finding("socat", "socat"), place=place), 80)
    assert (row.text, row.before, row.marked) == ("socat", 5, 1)
