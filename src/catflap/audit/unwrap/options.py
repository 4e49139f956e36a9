"""Tells a program's options from its operands, after getopt_long(3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from catflap.address.model import Unknown
from catflap.audit.command import Argument
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from catflap.address.model import Literal

__all__ = ("Options", "options", "tail")


class Options(NamedTuple):
    """What stands before the operands.

    Args:
        given: values by the option's name with its dashes; a flag has an empty list.
        rest: index of the first operand.
    """

    given: Mapping[str, list[Argument]]
    rest: int

    def value(self, *names: str) -> Argument | None:
        """Return the last value of an option, under any of its names."""
        for name in names:
            if values := self.given.get(name):
                return values[-1]
        return None

    def values(self, *names: str) -> list[Argument]:
        """Return all values of an option, under any of its names."""
        return [value for name in names for value in self.given.get(name, ())]

    def has(self, *names: str) -> bool:
        """Whether the option was given."""
        return any(name in self.given for name in names)


def options(
    words: Sequence[Argument],
    valued: Collection[str],
    at: int = 1,
    *,
    skip_unknown: bool = False,
) -> Options:
    """Read options until the first operand or ``--``.

    Args:
        words: the program first.
        valued: options that take a value in the next word when it is not attached.
        at: where they begin.
        skip_unknown: whether a word of which nothing is known counts as an option.
    """
    given: dict[str, list[Argument]] = {}
    while at < len(words):
        word = words[at]
        text = word.text
        if skip_unknown and all(isinstance(piece, Unknown) for piece in word.pieces):
            at += 1
            continue
        if text == "--":
            return Options(given, at + 1)
        if len(text) < 2 or text[0] != "-":
            break
        at += 1
        name, equals, _ = text.partition("=")
        if equals and (text.startswith("--") or name in valued):
            given.setdefault(name, []).append(tail(word, len(name) + 1))
        elif name in valued:
            values = given.setdefault(name, [])
            if at < len(words):
                values.append(words[at])
                at += 1
        elif text.startswith("--"):
            given.setdefault(name, [])
        else:
            at = _cluster(words, at, valued, given)
    return Options(given, at)


def _cluster(
    words: Sequence[Argument], at: int, valued: Collection[str], given: dict[str, list[Argument]]
) -> int:
    """Read ``-xvalue`` and ``-abc``; return where the options go on."""
    word = words[at - 1]
    text = word.text
    for index in range(1, len(text)):
        letter = "-" + text[index]
        values = given.setdefault(letter, [])
        if letter in valued:
            if index + 1 < len(text):
                values.append(tail(word, index + 1))
            elif at < len(words):
                values.append(words[at])
                at += 1
            break
    else:
        # Long options with one dash, as ``-name``.
        given.setdefault(text, [])
    return at


def tail(word: Argument, count: int) -> Argument:
    """Return a word without its first characters."""
    pieces: list[Literal | Unknown] = []
    for piece in word.pieces:
        size = len(piece.text)
        if count >= size:
            count -= size
        elif count and isinstance(piece, Unknown):
            pieces.append(piece)
            count = 0
        elif count:
            span = piece.span
            if size == span.end - span.start:
                span = Span(span.start + count, span.end)
            pieces.append(type(piece)(piece.text[count:], span))
            count = 0
        else:
            pieces.append(piece)
    start = pieces[0].span.start if pieces else word.span.end
    inside = word.span.start <= start <= word.span.end
    return Argument(tuple(pieces), Span(start, word.span.end) if inside else word.span)
