"""The parts of the line editor: keys, the line, its look, what the far side may write, history."""

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.core.errors import OperationError
from catflap.relay.editing.display import LineDisplay, width_of
from catflap.relay.editing.history import read_history, write_history
from catflap.relay.editing.keys import Keys
from catflap.relay.editing.line import LONGEST_LINE, Effect, Line
from catflap.relay.editing.regex import PosixRegex
from catflap.relay.editing.wire import PromptScan, Tamed


def typed(data, history=()):
    """Return the line that some keys make."""
    line = Line(list(history))
    for key in Keys().feed(data):
        line.feed(key)
    return str(line)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"abc\x02\x02X", "aXbc"),
        (b"abc\x01X\x05Y", "XabcY"),
        (b"abc\x7f\x08", "a"),
        (b"abc\x02\x04", "ab"),
        (b"abc\x1b[D\x1b[3~", "ab"),
        (b"one two  \x17", "one "),
        (b"one two\x17\x19\x19", "one twotwo"),
        (b"one two\x01\x0b\x19!", "one two!"),
        (b"one\x15two", "two"),
        (b"one two\x1bb\x1bd", "one "),
        (b"one two\x1b\x7f", "one "),
        (b"one two\x1b[1;5D\x1b[1;5DX", "Xone two"),
        (b"ab\x14", "ba"),
        (b"\x16\x01", "\x01"),
        ("grün\x7f\x7f".encode(), "gr"),
        (b"a\x1b[200~b\x1b[99999999999999999999999999999999999999999cc", "abc"),
        (b"\xff\x7fa", "a"),
    ],
)
def test_keys_do_what_they_do_elsewhere(keys, line):
    """The keys of readline's emacs mode; unknown sequences change nothing."""
    assert typed(keys) == line


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"\x1b[A", "two"),
        (b"\x10\x10\x10", "one"),
        (b"draft\x1bOA\x1b[B", "draft"),
        (b"\x1b<", "one"),
        (b"\x1b<\x1b>", ""),
    ],
)
def test_lines_come_back_from_the_history(keys, line):
    """Up and down walk through what was typed before; a draft is kept meanwhile."""
    assert typed(keys, ["one", "two"]) == line


def test_keys_are_whole_however_they_are_cut():
    """A sequence or a character in two reads is one key."""
    keys = Keys()
    assert [*keys.feed(b"\x1b"), *keys.feed(b"["), *keys.feed(b"A")] == ["up"]
    assert [*keys.feed(b"\xc3"), *keys.feed(b"\xbc")] == ["ü"]


def test_the_end_is_told_on_an_empty_line_alone():
    """Ctrl-D ends an empty line, and deletes in another one."""
    line = Line([])
    assert line.feed("\x04") is Effect.ENDED
    line.feed("a")
    assert line.feed("\x04") is Effect.CHANGED


def test_a_line_has_a_longest_length():
    """Who types without end does not fill our memory."""
    line = Line([])
    line.text = ["a"] * LONGEST_LINE
    assert line.feed("b") is Effect.NOTHING


class Paper:
    """A terminal of one row, which knows characters and backspace."""

    def __init__(self):
        self.cells = []
        self.at = 0

    def write(self, text):
        for each in text:
            if each == "\b":
                self.at -= 1
                assert self.at >= 0
            else:
                self.cells[self.at : self.at + 1] = [each]
                self.at += 1

    def __str__(self):
        return "".join(self.cells).rstrip(" ")


@given(
    st.lists(st.sampled_from([b"a", b"b ", b"\x02", b"\x06", b"\x7f", b"\x0b", b"\x01", b"\x10"]))
)
def test_what_is_shown_is_the_line(keys):
    """After each key the row holds the line, and the cursor stands where it should."""
    line, display, paper = Line(["older line"]), LineDisplay(), Paper()
    for key in Keys().feed(b"".join(keys)):
        line.feed(key)
        paper.write(display.draw(line.text, line.cursor, 1000))
        assert str(paper) == str(line).rstrip(" ")
        assert paper.at == line.cursor


@given(st.lists(st.sampled_from([b"abcdef", b"\x02", b"\x7f", b"\x01", b"\x05", b"\x17"])))
def test_a_row_never_wraps(keys):
    """A line longer than its row is shown in part, and can be taken away without a trace."""
    line, display, paper = Line([]), LineDisplay(), Paper()
    for key in Keys().feed(b"".join(keys)):
        line.feed(key)
        paper.write(display.draw(line.text, line.cursor, 21))
        assert len(paper.cells) <= 20
    paper.write(display.erase())
    assert (str(paper), paper.at) == ("", 0)


def test_wide_and_strange_characters_take_their_columns():
    """Two for an ideograph, none for an accent of its own or a colour, two for ^A."""
    assert [width_of(each) for each in ("漢", "e\u0301", "\x1b[31mred\x1b[0m")] == [2, 1, 3]
    assert LineDisplay().draw(["\x01"], 1, 80) == "^A"


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        (b"plain text\r\n\t\b", b"plain text\r\n\t\b"),
        ("grün 漢".encode(), "grün 漢".encode()),
        (b"\x1b]52;c;ZXZpbA==\x07", b"^[]52;c;ZXZpbA==^G"),
        (b"\x9b6n", b"\\x9b6n"),
        ("\u009b6n".encode(), b"\\x9b6n"),
        (b"\x7f\x00\xff", b"^?^@\\xff"),
    ],
)
def test_the_far_side_cannot_command_the_terminal(wire, shown):
    """Escape sequences, in all their codings, are shown and not obeyed."""
    assert Tamed()(wire) == shown
    cut = Tamed()
    assert b"".join(cut(bytes((each,))) for each in wire) == shown


def test_what_asks_is_the_unfinished_line():
    """The prompt is what was written since the last line end, and never grows without bound."""
    scan = PromptScan()
    scan.see(b"banner\nna")
    scan.see(b"me: ")
    assert scan.text == b"name: "
    scan.see(b"\rother> ")
    assert scan.text == b"other> "
    scan.see(b"A" * 100_000)
    assert scan.text == b"A" * 512


def test_expressions_are_those_of_posix():
    """Extended, with classes; one that is none is told with the reason."""
    asks = PosixRegex("[Pp]ass(word|phrase)[[:space:]]*:")
    assert asks.matches(b"Enter password : ")
    assert not asks.matches(b"user:")
    with pytest.raises(OperationError, match="regular expression"):
        PosixRegex("(")


def test_a_hostile_prompt_cannot_stall_the_match():
    """Where Python's matching takes years, POSIX's takes a moment."""
    assert not PosixRegex("^(a+)+$").matches(b"a" * 500 + b"!")


def test_the_history_is_for_its_owner(tmp_path):
    """The file is private, even if it was not before, and holds strange bytes as they are."""
    path = tmp_path / "history"
    assert read_history(str(path)) == []
    write_history(str(path), ["one", "tw\udcff"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b"one\ntw\xff\n"
    path.chmod(0o644)
    write_history(str(path), read_history(str(path)))
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"one\ntw\xff\n", 0o600)


def test_a_history_that_cannot_be_is_told(tmp_path):
    """A directory in its place, or a FIFO that nobody reads, is an error and no hang."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (tmp_path, fifo):
        with pytest.raises(OperationError, match="cannot be written"):
            write_history(str(path), ["one"])
