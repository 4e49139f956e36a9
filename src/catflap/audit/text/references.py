"""References to values that the same file assigns, followed, with the places of both.

A word stands where the reference is written; what the program gets stands where the value is. A
reader of an inner language takes the value at the reference's place; afterwards the pieces are
put where the value stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.model import Literal, Unknown
from catflap.audit.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.audit.command import Argument, Command
    from catflap.core.spans import Span

__all__ = ("References",)


class References:
    """The references that were followed in one text."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        """Begin with none."""
        self._values: dict[Span, Passage] = {}

    def follow(self, passage: Passage, start: int, end: int, value: Passage) -> Passage:
        """Return the value as standing where its reference does, to be put right by `settle`."""
        span = passage.span(start, end)
        self._values[span] = value
        length = len(value.text)
        return Passage(value.text, [span.start] * length, [span.end] * length, value.holes)

    def settle(self, commands: Iterable[Command]) -> tuple[Command, ...]:
        """Return the commands, pieces of followed values at the places of those values."""
        if not self._values:
            return tuple(commands)
        return tuple(self._command(command) for command in commands)

    def _command(self, command: Command) -> Command:
        cursors: dict[Span, int] = {}
        words = tuple(
            replace(word, pieces=tuple(self._pieces(word, cursors))) for word in command.words
        )
        return replace(command, words=words)

    def _pieces(self, word: Argument, cursors: dict[Span, int]) -> Iterator[Literal | Unknown]:
        at = 0
        while at < len(word.pieces):
            piece = word.pieces[at]
            value = self._values.get(piece.span)
            if value is None or isinstance(piece, Unknown):
                yield piece
                at += 1
                continue
            after = at
            while (
                after < len(word.pieces)
                and word.pieces[after].span == piece.span
                and isinstance(word.pieces[after], Literal)
            ):
                after += 1
            run = "".join(part.text for part in word.pieces[at:after])
            begin = value.text.find(run, cursors.get(piece.span, 0))
            if begin < 0:
                # A quote or an escape within the value: the reference is the best place there is.
                yield from word.pieces[at:after]
            else:
                cursors[piece.span] = begin + len(run)
                yield from value.pieces(begin, begin + len(run))
            at = after
