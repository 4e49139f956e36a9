"""Gives a command whose parts come from several places of a file one place of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.shell.words import Piece
    from catflap.core.spans import Span

__all__ = ("settled",)


def settled(command: Command, place: Span) -> Command:
    """Return a command with its span, and those of its words, within the text that held it.

    The text of ``eval "$START"`` was put together of parts from elsewhere; so the stretch from a
    word's first to its last character means nothing. The pieces keep their own places.

    Args:
        command: as it was read out of the text.
        place: where the text stands.
    """
    if _fits(command.span, place) and all(_fits(word.span, place) for word in command.words):
        return command
    words = tuple(_word(word, place) for word in command.words)
    pieces = [piece for word in command.words for piece in word.pieces]
    span = command.span if _fits(command.span, place) else _cover(pieces, place)
    return replace(command, words=words, span=span)


def _word(word: Argument, place: Span) -> Argument:
    if _fits(word.span, place):
        return word
    return replace(word, span=_cover(word.pieces, place))


def _fits(span: Span, place: Span) -> bool:
    return place.start <= span.start < span.end <= place.end


def _cover(pieces: Iterable[Piece] | Sequence[Piece], place: Span) -> Span:
    """Return the smallest span of those pieces that stand in a place, or all of it."""
    inside = [piece.span for piece in pieces if _fits(piece.span, place)]
    if not inside:
        return place
    first = inside[0]
    for span in inside[1:]:
        first = first.cover(span)
    return first
