"""What an expression of a program comes to, as far as its file shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from catflap.audit.command import Argument
from catflap.audit.passage import HOLE, Passage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from catflap.core.spans import Span

__all__ = ("Form", "Items", "Text", "Value", "fill", "flatten", "hole", "join")

_WORDS = re.compile(r"\S+")


class Form(Enum):
    """How many words of an argument vector a text makes."""

    ONE = "one"
    SPLIT = "split"
    """As many as a shell would make of it: ``shlex.split(text)``."""
    MANY = "many"
    """Nobody knows: ``*args``."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string, its unknown parts as holes.

    Args:
        passage: the characters that the program would have, with their places.
        span: the expression as it is written where the value is used.
        hops: for parts that an assignment elsewhere gives, where it stands and where it is used.
    """

    passage: Passage
    span: Span
    form: Form = Form.ONE
    hops: tuple[tuple[Span, Span], ...] = ()

    @property
    def literal(self) -> str | None:
        """The text when all of it is known, else ``None``."""
        return None if self.passage.holes else self.passage.text

    def argument(self) -> Argument:
        """Return it as one word of a command."""
        return Argument(self.passage.pieces(), self.span)

    def used_at(self, span: Span) -> Text:
        """Return the same value where a name stands for it."""
        return replace(self, span=span, hops=(*self.hops, (self.span, span)))


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple, slice or array.

    Args:
        span: the literal as it is written; of several that were put together, the first.
    """

    elements: tuple[Value, ...]
    span: Span


Value: TypeAlias = Text | Items


def hole(written: Passage, span: Span, form: Form = Form.ONE) -> Text:
    """Return a value that the file does not show.

    Args:
        written: the expression.
        span: where it stands.
        form: how many words it makes.
    """
    unknown = Passage(HOLE, [span.start], [span.end], {0: written.text})
    return Text(unknown, span, form)


def join(texts: Sequence[Text], span: Span, separator: str = "") -> Text:
    """Return the texts one after the other as one."""
    parts: list[Passage] = []
    for index, text in enumerate(texts):
        if index and separator:
            # A separator stands nowhere in between: it takes no room after the text before.
            after = texts[index - 1].span.end
            parts.append(Passage(separator, [after] * len(separator), [after] * len(separator)))
        parts.append(text.passage)
    hops = tuple(dict.fromkeys(hop for text in texts for hop in text.hops))
    return Text(parts[0] if len(parts) == 1 else Passage.join(parts), span, hops=hops)


def flatten(values: Iterable[Value]) -> list[Text]:
    """Return the words of an argument vector; lists within it are taken apart."""
    words: list[Text] = []
    pending = list(values)[::-1]
    while pending:
        value = pending.pop()
        if isinstance(value, Items):
            pending.extend(reversed(value.elements))
        elif value.form is Form.SPLIT and words:
            words.extend(_split(value))
        else:
            words.append(value)
    return words


def _split(text: Text) -> Iterable[Text]:
    passage = text.passage
    for word in _WORDS.finditer(passage.text):
        part = passage.part(word.start(), word.end())
        form = Form.MANY if part.holes and len(part) == 1 else Form.ONE
        yield Text(part, part.span(0, len(part)), form, text.hops)


def fill(
    text: Text,
    placeholders: re.Pattern[str],
    value_of: Callable[[re.Match[str]], Text | str | None],
) -> Text:
    """Return a format with its placeholders filled in.

    Args:
        text: the format.
        placeholders: finds them in the format's text.
        value_of: returns the value of one, a string that stands for itself (``%%``), or ``None``
            when it is unknown.
    """
    passage = text.passage
    parts: list[Text] = []
    at = 0
    for match in placeholders.finditer(passage.text):
        start, end = match.span()
        span = passage.span(start, end)
        value = value_of(match)
        if value is None:
            value = hole(passage.part(start, end), span)
        elif isinstance(value, str):
            value = Text(Passage(value, [span.start] * len(value), [span.end] * len(value)), span)
        parts.append(_part(passage, at, start))
        parts.append(value)
        at = end
    if not parts:
        return text
    parts.append(_part(passage, at, len(passage)))
    hops = (*text.hops, *(hop for part in parts for hop in part.hops))
    return replace(join(parts, text.span), hops=tuple(dict.fromkeys(hops)))


def _part(passage: Passage, start: int, end: int) -> Text:
    part = passage.part(start, end)
    return Text(part, passage.span(start, end))
