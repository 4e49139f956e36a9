"""Puts a command that was read from a string where the string is used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from catflap.audit.command import Argument, Command
    from catflap.core.spans import Span

    Hops: TypeAlias = tuple[tuple[Span, Span], ...]

__all__ = ("relocated",)


def relocated(command: Command, hops: Hops, home: Span) -> Command:
    """Return the command with its own place, and its words', free of what was followed.

    The pieces keep the places at which they are written; but a command whose port is a constant at
    the head of the file does not reach from there to where it is run.

    Args:
        command: as the string's own reader tells it.
        hops: where what was followed stands, and where it is used.
        home: the expression that the command was read from.
    """
    if not hops:
        return command
    words = tuple(replace(word, span=_place(word, hops)) for word in command.words)
    span = words[0].span
    for word in words[1:]:
        span = span.cover(word.span)
    if _inside(command.span, home):
        span = span.cover(command.span)
    return replace(command, words=words, span=span)


def _place(word: Argument, hops: Hops) -> Span:
    places = [_used(piece.span, hops) for piece in word.pieces]
    if not places:
        return _used(word.span, hops)
    found = places[0]
    for place in places[1:]:
        found = found.cover(place)
    return found


def _used(span: Span, hops: Hops) -> Span:
    """Return where something is used, past all names that stand for it."""
    for _ in hops:
        following = next(
            (used for written, used in hops if written != used and _inside(span, written)), None
        )
        if following is None:
            break
        span = following
    return span


def _inside(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end
