"""Strings of a program in a language without a grammar here: what they add up to, as words.

``Command::new("socat").arg("TCP-LISTEN:80")``, ``"socat", "TCP-LISTEN:" + port``,
``system('socat ' . $x)``: most languages write strings, lists and sums alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.text.lines import between, glue
from catflap.audit.text.templates import hole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.passage import Passage

__all__ = ("Quoted", "Values", "strings_of", "values_from")

_MARK = re.compile(r"[\"'`\\]")
# A backslash at the end of a line joins it to the next.
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\n": " "}
# What a string leaves for later: ``%s``, ``{}``, ``${x}``, ``#{x}``; ``$x`` is left to the shell.
_LATER = re.compile(
    r"%(?:\d+\$)?[-+ 0]?\d{0,4}(?:\.\d{1,4})?[sdiu@](?![A-Za-z0-9])|\{[\w.:]{0,60}\}"
    r"|[#$]\{[^{}\n]{1,200}\}|\\\([^()\n]{1,200}\)"
)
_FORMATS = re.compile(r"(?:\w[\w.:]{0,60}[.:])?(?:s?n?printf|format|Sprintf|String\.format)[!]?\(?")
_GAP = re.compile(
    r"(?P<blank>\s+|&(?=[A-Za-z_]))"
    r"|(?P<more>\.\s{0,80}(?:arg|args|Arg|Args|with_?[Aa]rg\w?)\b\s?\(?)"
    r"|(?P<sum>\+\+?|\.\.|<>|~|&(?!\[|\w)|\.(?!\s{0,80}[A-Za-z_])|(?<=\s)\.(?=\s))"
    r"|(?P<next>,|=>)"
    # ``Arguments = "..."``, ``args = [``: a field beside that of the program.
    r"|(?P<field>[A-Za-z_]\w{0,40}\s{0,4}[=:]\s{0,4}(?=[$@]{0,2}[\"'`\[({]))"
    r"|(?P<open>[$@](?=[$@\"'])|[\[({]|&\[|vec!|qw|new\b|String\b(?!\.)|\[\]|@)"
    r"|(?P<nothing>\b(?:NULL|null|nil|None|nullptr|undef)\b)"
    r"|(?P<name>\$?[A-Za-z_][\w$]{0,80}(?:(?:\.|->|::|\?\.)[\w$]{1,80}){0,8}[!]?)"
    r"|(?P<number>\d{1,10})"
)
_FILLED = re.compile(r"[ \t]*%[ \t]*[\[(]")
_KEYWORDS = frozenset(["if", "else", "for", "return", "let", "var", "my", "do", "end", "or"])
_LONGEST = 4000
_LONGEST_CALL = 400
_LEAST_DEPTH = -4
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Quoted:
    """A string within a text: the places of its first character and of its closing quote."""

    start: int
    end: int
    quote: str

    @property
    def after(self) -> int:
        """The place after the string and its quote."""
        return self.end + len(self.quote)


def strings_of(text: str, start: int, end: int) -> Iterator[Quoted]:
    """Give the strings on a line; an apostrophe within a word opens none."""
    at = start
    while (opening := _MARK.search(text, at, end)) is not None:
        at = opening.end()
        mark = opening[0]
        if mark == "\\":
            at += 1
            continue
        if mark == "'" and opening.start() and text[opening.start() - 1].isalnum():
            continue
        close = _closing(text, at, end, mark)
        if close < 0:
            continue
        yield Quoted(at, close, mark)
        at = close + 1


def _closing(text: str, at: int, end: int, quote: str) -> int:
    while True:
        close = text.find(quote, at, end)
        if close < 0:
            return -1
        before = close
        while before > at and text[before - 1] == "\\":
            before -= 1
        if (close - before) % 2 == 0:
            return close
        at = close + 1


def _content(passage: Passage, string: Quoted) -> Passage:
    """Return what a string holds: escapes resolved, what is filled in later unknown."""
    parts: list[Passage] = []
    at = string.start
    text = passage.text
    for found in re.finditer(rf"\\[^(]|\\\n|{_LATER.pattern}", text[string.start : string.end]):
        start, end = string.start + found.start(), string.start + found.end()
        parts.append(passage.part(at, start))
        if found[0].startswith("\\"):
            kept = found[0] if found[0][1] in ":,!$" else _ESCAPES.get(found[0][1], found[0][1])
            parts.append(between(passage, kept, start, end))
        else:
            parts.append(hole(passage, start, end))
        at = end
    parts.append(passage.part(at, string.end))
    return glue([part for part in parts if len(part)] or [passage.part(string.start, string.start)])


@dataclass(frozen=True, slots=True)
class Values:
    """The words of an expression, and the places after the first and after the last of them."""

    words: list[Passage]
    first_end: int
    end: int


def values_from(passage: Passage, first: Quoted, *, sums: bool = False) -> Values:
    """Return the words of an expression, from one string of it to its end.

    Args:
        passage: the text.
        first: the string that it begins with.
        sums: whether strings that stand side by side are one, as in C.
    """
    expression = _Expression(passage, first, sums=sums)
    return Values(expression.words(), expression.first_end, expression.end)


class _Expression:
    """What strings, names and the marks between them add up to."""

    def __init__(self, passage: Passage, first: Quoted, *, sums: bool) -> None:
        self._passage = passage
        self._words = [[_content(passage, first)]]
        self._at = self.end = self.first_end = first.after
        self._stop = min(len(passage.text), first.start + _LONGEST)
        self._sums = sums
        self._depth = 0
        # What the last mark said of the next value: a new word, or a part of the last one.
        self._apart = False
        self._summed = False
        self._format = False
        # Whether brackets were closed, and then a line, since the last value.
        self._closed = self._left = False

    def words(self) -> list[Passage]:
        while self._at < self._stop and len(self._words) < _MOST_WORDS:
            mark = self._passage.text[self._at]
            if mark in "\"'`":
                going = self._string()
            elif mark in ")]}":
                going = self._close()
            else:
                going = self._gap()
            if not going:
                break
        return [glue(parts) for parts in self._words]

    def _string(self) -> bool:
        string = next(strings_of(self._passage.text, self._at, self._stop), None)
        if string is None or string.start != self._at + 1:
            return False
        if self._left and not (self._apart or self._summed):
            # A statement of its own, in a language that has no mark between them.
            return False
        together = self._summed or (self._sums and not self._apart)
        self._add(_content(self._passage, string), apart=not together)
        self._at = string.after
        self._ended()
        if self._format:
            # What fills its places is in them already, as unknown.
            self._format = False
            self._at = _closed(self._passage.text, self._at, self._stop)
        filled = _FILLED.match(self._passage.text, self._at, self._stop)
        if filled is not None:
            # ``"tcp-l:%d" % [port]``: likewise.
            self._at = _closed(self._passage.text, filled.end(), self._stop)
            self._ended()
        return True

    def _close(self) -> bool:
        self._depth -= 1
        self._at += 1
        self._closed = True
        return self._depth >= _LEAST_DEPTH

    def _gap(self) -> bool:
        text = self._passage.text
        form = _FORMATS.match(text, self._at)
        gap = form or _GAP.match(text, self._at, self._stop)
        if gap is None or (form is None and "\n\n" in gap[0]):
            return False
        start, self._at = self._at, gap.end()
        self._left = self._left or (self._closed and "\n" in gap[0])
        if form is not None:
            self._format = form[0].endswith("(")
        elif gap.lastgroup == "open":
            self._depth += 1
        elif gap.lastgroup in {"more", "next", "field"}:
            self._apart = True
        elif gap.lastgroup == "sum":
            self._summed = True
        elif gap.lastgroup in {"name", "number"}:
            return self._name(start, gap[0])
        return True

    def _name(self, start: int, name: str) -> bool:
        """Take a name, with its arguments or index, for a value that is not known."""
        if name in _KEYWORDS or not (self._apart or self._summed):
            return False
        text = self._passage.text
        # GNU's style and Ada's part a function's name from its arguments.
        begin = self._at + (self._summed and text.startswith(" (", self._at))
        self._at = _after_call(text, begin, self._stop)
        self._add(hole(self._passage, start, self._at), apart=self._apart)
        self._ended()
        return True

    def _ended(self) -> None:
        self.end = self._at
        if len(self._words) == 1:
            self.first_end = self._at

    def _add(self, part: Passage, *, apart: bool) -> None:
        if apart:
            self._words.append([part])
        else:
            self._words[-1].append(part)
        self._apart = self._summed = self._closed = self._left = False


def _after_call(text: str, at: int, stop: int) -> int:
    """Return the place after the arguments or indices that follow a name."""
    while at < stop and text[at] in "([":
        after = _closed(text, at + 1, min(stop, at + _LONGEST_CALL))
        if after == at + 1:
            break
        at = after
    return at


def _closed(text: str, at: int, stop: int) -> int:
    """Return the place after the bracket that closes what is open at a place, or that place."""
    depth = 1
    for place in range(at, stop):
        if text[place] in "([":
            depth += 1
        elif text[place] in ")]":
            depth -= 1
            if not depth:
                return place + 1
    return at
