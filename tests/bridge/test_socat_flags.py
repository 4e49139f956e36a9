"""socat's letters are read as the C program reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.address.model import Literal, Word
from catflap.bridge.flags import read_seconds
from catflap.bridge.socat_flags import SOCAT_FLAGS, SocatWords, log_level, read_socat_words
from catflap.core.spans import Span


def words_of(line: str) -> tuple[list[Word], str]:
    """Return the words of a line without quoting, with their places."""
    words, at = [], 0
    for text in line.split(" "):
        span = Span(at, at + len(text))
        words.append(Word((Literal(text, span),) if text else (), span))
        at += len(text) + 1
    return words, line


def read(line: str) -> SocatWords:
    """Read a line strictly."""
    return read_socat_words(*words_of(line))


@pytest.mark.parametrize(
    ("line", "flags", "addresses"),
    [
        ("-d -d A B", [("-d", None), ("-d", None)], ["A", "B"]),
        ("-t5 -T 60 A B", [("-t", "5"), ("-T", "60")], ["A", "B"]),
        ("-lf/tmp/log -lp name A B", [("-lf", "/tmp/log"), ("-lp", "name")], ["A", "B"]),
        ("-lylocal2 -ly -lm A B", [("-ly", "local2"), ("-ly", None), ("-lm", None)], ["A", "B"]),
        ("-u -v -x -s -g -D - B", [(f"-{x}", None) for x in "uvxsgD"], ["-", "B"]),
        ("--statistics --experimental A B", [("--statistics", None), ("--experimental", None)],
         ["A", "B"]),
        ("-,echo=0 B", [], ["-,echo=0", "B"]),
        ("-!!STDOUT B", [], ["-!!STDOUT", "B"]),
        ("A -d", [], ["A", "-d"]),
        ("-4 -L lock A B C", [("-4", None), ("-L", "lock")], ["A", "B", "C"]),
        ("-b 0x100 -S 3 A B", [("-b", "0x100"), ("-S", "3")], ["A", "B"]),
    ],
)  # fmt: skip
def test_letters_values_and_addresses(
    line: str, flags: list[tuple[str, str | None]], addresses: list[str]
) -> None:
    """Values stand together or apart, and the first other word begins the addresses."""
    found = read(line)
    given = [(each.row.name, each.value.text if each.value else None) for each in found.flags.given]
    assert given == flags
    assert [word.text for word in found.addresses] == addresses
    assert found.problems == ()


@pytest.mark.parametrize(
    ("line", "message", "place"),
    [
        ("-q A B", "-q is not an option of socat", "-q"),
        ("-uv A B", "-u takes no value; letters cannot be bundled", "-uv"),
        ("-d9 A B", "-d9 is not a level", "-d9"),
        ("-dx A B", "-dx is not a level", "-dx"),
        ("-T soon A B", "-T cannot be soon", "soon"),
        ("-b 8k A B", "-b cannot be 8k", "8k"),
        ("-t", "-t needs a value", "-t"),
        ("-lz A B", "-lz is not an option of socat", "-lz"),
        ("--statistic A B", "--statistic is not an option of socat", "--statistic"),
        ("-L a -W b A B", "only one of -L and -W can be given, once", "-W b"),
        ("-u -U A B", "-u and -U exclude each other", "-U"),
    ],
)
def test_what_the_program_would_refuse(line: str, message: str, place: str) -> None:
    """Every refusal names the word and points at it."""
    (problem,) = read(line).problems
    assert problem.message == message
    assert line[problem.span.start : problem.span.end] == place


def test_a_long_option_has_its_nearest() -> None:
    """A typing error is told with what was meant."""
    (problem,) = read("--statistic A B").problems
    assert problem.nearest == "--statistics"


@pytest.mark.parametrize("line", ["-V", "-h", "-hh", "-???", "-d -V A B"])
def test_help_and_version_end_it(line: str) -> None:
    """Nothing after them is looked at."""
    found = read(line)
    assert (found.ends, found.addresses) == (True, ())


@pytest.mark.parametrize(
    ("line", "level"),
    [("A B", 1), ("-d A B", 1), ("-d0 A B", 0), ("-d -d A B", 2), ("-dd A B", 2), ("-d2 A B", 2),
     ("-ddd A B", 3), ("-d4 A B", 4), ("-d1 -d A B", 2), ("-dddddd A B", 4)],
)  # fmt: skip
def test_how_much_is_logged(line: str, level: int) -> None:
    """Warnings by default, notices from -dd on."""
    assert log_level(read(line).flags) == level


def test_the_table_has_one_row_a_flag() -> None:
    """No flag stands twice, and each says what it does."""
    names = [row.name for row in SOCAT_FLAGS]
    assert len(set(names)) == len(names)
    assert all(row.help for row in SOCAT_FLAGS)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0.5", 0.5), ("1e3", 1000.0), ("-1", -1.0), (".5", 0.5), ("0x10", 16.0), ("", None),
     ("1_0", None), ("inf", None), ("nan", None), ("5s", None), ("0x", None)],
)  # fmt: skip
def test_seconds_are_those_of_strtod(text: str, seconds: float | None) -> None:
    """Digits of C, no endless times, no garbage."""
    assert read_seconds(text) == seconds


@given(st.lists(st.text("-dvxtTlfpuU0! ,:A/", max_size=6), max_size=6), st.booleans())
def test_any_words(texts: list[str], strict: bool) -> None:
    """Whatever is written, something is read, and problems point into it."""
    line = " ".join(texts)
    words, source = words_of(line)
    found = read_socat_words(words, source, strict=strict)
    assert all(problem.span.end <= len(line) for problem in found.problems)
    assert found.ends or len(found.addresses) <= len(words)
