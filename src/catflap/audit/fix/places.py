"""Where the words of a command can be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.command import Argument

__all__ = ("places_of",)


def places_of(words: Sequence[Argument]) -> list[Span]:
    """Return where each word of a command stands.

    Where a variable holds the whole command (``eval "$RELAY"``) all its words have one place, that
    of the variable; then they are where the variable gets its value.
    """
    places = [word.span for word in words]
    if len(places) > 1 and len(set(places)) == 1 and all(word.pieces for word in words):
        return [_whole(word) for word in words]
    return places


def _whole(word: Argument) -> Span:
    """Return the place from a word's first part to its last: those between may come from afar."""
    first, last = word.pieces[0].span, word.pieces[-1].span
    return Span(first.start, max(first.end, last.end))
