"""Places in a source text, and problems that point at them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("Problem", "Span", "columns", "excerpt", "nearest", "printable", "underline")

_WIDEST_EXCERPT = 160
_LONGEST_WORD = 60
_GAP = "..."


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters, ``start`` included, ``end`` not."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse a range that runs backwards."""
        if self.start < 0 or self.end < self.start:
            message = f"not a span: {self.start}..{self.end}"
            raise ValueError(message)

    def cover(self, other: Span) -> Span:
        """Return the smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a text: what, where, and what was expected.

    Args:
        message: what is wrong, one line.
        span: where in ``source``.
        source: the text the span belongs to.
        expected: what would have been right.
        nearest: the right spelling that comes closest, if any.
    """

    message: str
    span: Span
    source: str
    expected: str = ""
    nearest: str = ""

    def sentence(self) -> str:
        """Return the message with what was expected, on one line."""
        text = self.message
        if self.expected:
            text += f"; expected {self.expected}"
        if self.nearest:
            text += f"; did you mean {self.nearest}?"
        return printable(text)

    def render(self) -> str:
        """Return the sentence, then the source line with carets under the place."""
        return f"{self.sentence()}\n{underline(self.source, self.span)}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known spelling closest to ``word``, whatever the case, or nothing."""
    spellings = {name.lower(): name for name in known}
    found = get_close_matches(word[:_LONGEST_WORD].lower(), list(spellings), n=1, cutoff=0.6)
    return spellings[found[0]] if found else ""


def printable(text: str) -> str:
    r"""Escape what would move a terminal's cursor or hide text.

    Control characters, line separators and bidirectional overrides become
    ``\xNN`` or ``\uNNNN``; everything printable stays.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def excerpt(text: str, longest: int = _LONGEST_WORD) -> str:
    """Return the text, its middle left out when it is too long for a sentence."""
    if len(text) <= longest:
        return text
    kept = (longest - len(_GAP)) // 2
    return f"{text[:kept]}{_GAP}{text[-kept:]}"


def underline(source: str, span: Span) -> str:
    """Return the source line that holds ``span`` with carets below, indented by two."""
    line_start = source.rfind("\n", 0, span.start) + 1
    line_end = source.find("\n", span.start)
    if line_end < 0:
        line_end = len(source)
    start, end = span.start, max(span.start, min(span.end, line_end))
    first, last = _window(line_start, line_end, start, end)
    before = (_GAP if first > line_start else "") + printable(source[first:start])
    marked = printable(source[start : min(end, last)])
    after = printable(source[end:last]) + (_GAP if last < line_end else "")
    carets = "^" * max(1, columns(marked))
    return f"  {before}{marked}{after}\n  {' ' * columns(before)}{carets}"


def _window(line_start: int, line_end: int, start: int, end: int) -> tuple[int, int]:
    """Return the part of a long line that is shown around a place."""
    first = line_start
    if end - line_start > _WIDEST_EXCERPT:
        first = max(line_start, start - _WIDEST_EXCERPT // 2)
    return first, min(line_end, first + _WIDEST_EXCERPT)


def columns(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
