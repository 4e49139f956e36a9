"""A text that remembers where each of its characters stands in the file.

A shell command inside a YAML scalar inside a template is read in layers. Each layer takes a passage
apart and hands on smaller ones, so that the last still knows the exact place of every character.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from catflap.address.model import Literal, Unknown
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ("HOLE", "Passage")

HOLE = "x"
"""What stands in a passage's text for an unknown part; only ``holes`` tells it from a letter."""


class Passage:
    """Characters with their places.

    Args:
        text: what a program would see; an unknown part (a template's expression, a specifier of
            systemd) is the one character :data:`HOLE`, an ordinary letter, so that every grammar
            takes it as part of a word.
        starts: where each character begins in the file; the first offset alone when the
            passage stands in the file letter for letter.
        ends: where each character ends; left out with a single offset.
        holes: by position in ``text``, what is written in the file for an unknown part.
    """

    __slots__ = ("_ends", "_holes_at", "_starts", "holes", "text")

    def __init__(
        self,
        text: str,
        starts: int | Sequence[int] = 0,
        ends: Sequence[int] | None = None,
        holes: Mapping[int, str] | None = None,
    ) -> None:
        """Take the characters and their places."""
        self.text = text
        self._starts = starts
        self._ends = ends
        self.holes: Mapping[int, str] = holes or {}
        self._holes_at = sorted(self.holes)

    def __len__(self) -> int:
        """Return the number of characters."""
        return len(self.text)

    def __repr__(self) -> str:
        """Return the text and its place."""
        return f"Passage({self.text!r}, {self.span(0, len(self.text))})"

    def start(self, index: int) -> int:
        """Return where the character begins in the file; past the end, where the last one ends."""
        if isinstance(self._starts, int):
            return self._starts + index
        if index < len(self._starts):
            return self._starts[index]
        return self.end(len(self.text) - 1) if self.text else 0

    def end(self, index: int) -> int:
        """Return where the character ends in the file."""
        if isinstance(self._starts, int):
            return self._starts + index + 1
        if self._ends is not None:
            return self._ends[index]
        return self._starts[index] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the place in the file of the characters from ``start`` to ``end``."""
        first = self.start(start)
        if end <= start:
            return Span(first, first)
        return Span(first, max(first, self.end(end - 1)))

    def part(self, start: int, end: int) -> Passage:
        """Return the characters from ``start`` to ``end`` as a passage of their own."""
        first = bisect_left(self._holes_at, start)
        last = bisect_left(self._holes_at, end)
        holes = {at - start: self.holes[at] for at in self._holes_at[first:last]}
        if isinstance(self._starts, int):
            return Passage(self.text[start:end], self._starts + start, None, holes)
        ends = self._ends[start:end] if self._ends is not None else None
        return Passage(self.text[start:end], self._starts[start:end], ends, holes)

    def pieces(self, start: int = 0, end: int | None = None) -> tuple[Literal | Unknown, ...]:
        """Return the characters as literal and unknown parts, as the address parser takes them.

        A literal part is one whose characters stand side by side in the file, or a single
        character that is written as several (an escape).
        """
        stop = len(self.text) if end is None else end
        found: list[Literal | Unknown] = []
        at = start
        while at < stop:
            if at in self.holes:
                found.append(Unknown(self.holes[at], self.span(at, at + 1)))
                at += 1
                continue
            after = self._run(at, stop)
            found.append(Literal(self.text[at:after], self.span(at, after)))
            at = after
        return tuple(found)

    def _run(self, at: int, stop: int) -> int:
        """Return where the characters that stand side by side in the file end."""
        position = bisect_left(self._holes_at, at)
        if position < len(self._holes_at):
            stop = min(stop, self._holes_at[position])
        if isinstance(self._starts, int):
            return stop
        after = at + 1
        if self.end(at) - self.start(at) != 1:
            return after
        # The hottest loop of the auditor: each character begins where the one before ended.
        starts, ends = self._starts, self._ends
        place = starts[at] + 1
        while after < stop and starts[after] == place:
            place += 1
            if ends is not None and ends[after] != place:
                break
            after += 1
        return after

    def has_hole(self, start: int, end: int) -> bool:
        """Whether a part of the characters from ``start`` to ``end`` is unknown."""
        position = bisect_left(self._holes_at, start)
        return position < len(self._holes_at) and self._holes_at[position] < end

    def add_places(self, starts: list[int], ends: list[int]) -> None:
        """Append where each character begins and ends."""
        size = len(self.text)
        if isinstance(self._starts, int):
            starts.extend(range(self._starts, self._starts + size))
            ends.extend(range(self._starts + 1, self._starts + size + 1))
            return
        starts.extend(self._starts[:size])
        ends.extend(
            self._ends[:size] if self._ends is not None else (at + 1 for at in self._starts[:size])
        )

    @staticmethod
    def join(parts: Iterable[Passage]) -> Passage:
        """Return the parts as one passage."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        holes: dict[int, str] = {}
        for part in parts:
            for at, hole in part.holes.items():
                holes[len(starts) + at] = hole
            text.append(part.text)
            part.add_places(starts, ends)
        return Passage("".join(text), starts, ends, holes)
