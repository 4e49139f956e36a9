"""Words of a command line as a text that can be shown, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.argv import commands_in
from catflap.audit.command import Argument, Reading
from catflap.audit.passage import Passage
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.core.surroundings import Surroundings

__all__ = ("line_of", "read_words")

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_[]^~")


def line_of(words: Sequence[str]) -> tuple[str, list[Span]]:
    """Return words as one line with quotes where a shell needs them, and where each stands.

    The places are those of the words themselves, without their quotes. A word that holds a
    quote stands as it is: the line is for reading, and every character keeps its place.
    """
    parts: list[str] = []
    places: list[Span] = []
    at = 0
    for word in words:
        quote = "" if word and _PLAIN.issuperset(word) else "'" if "'" not in word else ""
        parts.append(f"{quote}{word}{quote}")
        places.append(Span(at + len(quote), at + len(quote) + len(word)))
        at += len(parts[-1]) + 1
    return " ".join(parts), places


def read_words(words: Sequence[str], surroundings: Surroundings) -> tuple[str, Reading]:
    """Return the line of the words and the commands in it."""
    text, places = line_of(words)
    passage = Passage(text)
    arguments = [Argument(passage.pieces(each.start, each.end), each) for each in places]
    commands = commands_in(arguments, Span(0, len(text)), surroundings)
    return text, Reading(tuple(commands))
