"""Lines of a text, and whether the word that the auditor looks for occurs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.core.spans import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("LONGEST", "between", "broken", "glue", "line_places", "mentions", "stripped")

_WORD = re.compile(r"socat|catflap|-(?:listen|LISTEN):")

LONGEST = 1 << 15
"""The most characters of one command that is looked at: far more than anybody writes, few enough
that a file made to take long does not."""


def mentions(text: str) -> bool:
    """Whether the name of a relay occurs, or the address of a listener."""
    return _WORD.search(text) is not None


def line_places(text: str) -> Iterator[tuple[int, int]]:
    """Give the start and the end of each line, line ends (LF, CRLF) left out."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        after = len(text) if end < 0 else end
        last = after
        if last > at and text[last - 1] == "\r":
            last -= 1
        yield at, last
        at = after + 1


def stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the place without the blanks at both of its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def between(passage: Passage, text: str, start: int, end: int) -> Passage:
    """Return ``text`` as standing where ``start`` to ``end`` of a passage do, each character."""
    span = passage.span(start, end)
    return Passage(text, [span.start] * len(text), [span.end] * len(text))


def glue(parts: list[Passage]) -> Passage:
    """Return the parts as one passage, a single one as it is."""
    return parts[0] if len(parts) == 1 else Passage.join(parts)


def broken(passage: Passage, start: int, end: int, message: str) -> Problem:
    """Return a problem with a stretch of a passage."""
    return Problem(message, passage.span(start, end), passage.text)
