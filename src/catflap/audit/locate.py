"""Lines and columns of a text, and the lines that show a place."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from catflap.audit.report import Place

__all__ = ("Lines", "without_surrogates")

_LINE_FEED = re.compile(r"\n")
_MOST_LINES = 5
_LONGEST_LINE = 2000


class Lines:
    """The lines of a text, which end with a line feed.

    Lines and columns count from 1, columns in characters; a carriage return before the line feed
    is the line's last character, but shown nowhere.
    """

    def __init__(self, text: str) -> None:
        """Take the text; where its lines begin is found when somebody asks."""
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_FEED.finditer(self.text))]

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._starts)

    def number(self, offset: int) -> int:
        """Return the number of the line that holds the character."""
        return bisect_right(self._starts, offset)

    def start(self, number: int) -> int:
        """Return the offset of a line's first character."""
        return self._starts[number - 1]

    def line(self, number: int) -> str:
        """Return a line without its end."""
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].removesuffix("\r")

    def place(self, start: int, end: int) -> Place:
        """Return the place of the characters from ``start`` to ``end``, clipped to the text."""
        start = min(start, len(self.text))
        end = max(start, min(end, len(self.text)))
        first = self.number(start)
        # A stretch that takes in its line's end does not reach into the next line.
        last = first if end == start else self.number(end - 1)
        return Place(
            first,
            start - self.start(first) + 1,
            last,
            end - self.start(last) + 1,
            start,
            end,
        )

    def excerpt(self, place: Place) -> tuple[str, ...]:
        """Return the first lines of a place, at most five, as a terminal can encode them."""
        last = min(place.end_line, place.line + _MOST_LINES - 1)
        return tuple(
            without_surrogates(self.line(number)[:_LONGEST_LINE])
            for number in range(place.line, last + 1)
        )


def without_surrogates(text: str) -> str:
    """Return the text with U+FFFD for each byte that was no UTF-8; columns stay as they are."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text
