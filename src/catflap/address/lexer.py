r"""Reading one word of an address: escapes, quotes and brackets, as socat does.

Facts: a word ends at one of its terminators or at the end. ``\`` takes the next character as it
is, or as a C escape. ``'...'`` and ``"..."`` are dropped outside brackets and kept inside; escapes
work in both. Brackets nest and stay in the word; what they hold ends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from catflap.address.model import Literal, Unknown, Word
from catflap.core.spans import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("Flaw", "Lexer", "Source")

_HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"
_C_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Flaw(Enum):
    """What the C program takes without a word, or reads past the end for, and we do not."""

    OPEN_BRACKET = "bracket"
    OPEN_ESCAPE = "escape"
    OPEN_QUOTE = "quote"
    NUL = "nul"


class Source:
    """A text with unknown parts, and where each character stands in the original.

    Args:
        parts: the known and unknown pieces in their order; a plain text is one piece.
        text: what the places of the pieces point into; a plain text is its own.
    """

    __slots__ = ("chars", "spans", "text", "unknowns")

    def __init__(self, parts: str | Sequence[Literal | Unknown], text: str | None = None) -> None:
        """Flatten the parts, keeping the place of each character."""
        self.unknowns: dict[int, Unknown] = {}
        self.spans: list[Span] | None = None
        if isinstance(parts, str):
            self.chars = parts
            self.text = parts
            return
        chars: list[str] = []
        spans: list[Span] = []
        for part in parts:
            if isinstance(part, Unknown):
                self.unknowns[len(chars)] = part
                chars.append(_HOLE)
                spans.append(part.span)
                continue
            exact = part.span.end - part.span.start == len(part.text)
            for offset, char in enumerate(part.text):
                start = part.span.start + offset
                spans.append(Span(start, start + 1) if exact else part.span)
                chars.append(char)
        self.chars = "".join(chars)
        self.spans = spans
        self.text = "".join(part.text for part in parts) if text is None else text

    def span(self, start: int, end: int) -> Span:
        """Return the place in the original of the characters from ``start`` to ``end``."""
        if self.spans is None:
            return Span(start, end)
        if start >= len(self.spans):
            last = self.spans[-1].end if self.spans else 0
            return Span(last, last)
        first = self.spans[start]
        if end <= start:
            return Span(first.start, first.start)
        return first.cover(self.spans[min(end, len(self.spans)) - 1])


@dataclass(slots=True)
class _Quoted:
    """A quote or bracket that is open: what closes it, and where it began."""

    closing: str
    start: int
    flaw: Flaw


class Lexer:
    """A position in a source; reads word after word."""

    __slots__ = ("_end", "_parts", "_start", "_text", "flaws", "pos", "source")

    def __init__(self, source: Source) -> None:
        """Start at the beginning of ``source``."""
        self.source = source
        self.pos = 0
        self.flaws: list[tuple[Flaw, Problem]] = []
        self._parts: list[Literal | Unknown] = []
        self._text: list[str] = []
        self._start = 0
        self._end = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.pos >= len(self.source.chars)

    def looking_at(self, text: str) -> bool:
        """Whether the rest starts with ``text``."""
        return self.source.chars.startswith(text, self.pos)

    def word(self, terminators: tuple[str, ...]) -> Word:
        """Read up to a terminator, which stays unread, or to the end."""
        start = self.pos
        self._parts = []
        self._scan(terminators)
        self._flush()
        return Word(tuple(self._parts), self.source.span(start, self.pos))

    def _flush(self) -> None:
        """Turn what was kept so far into a literal part."""
        if self._text:
            span = self.source.span(self._start, self._end)
            self._parts.append(Literal("".join(self._text), span))
            self._text = []

    def _keep(self, text: str, length: int) -> None:
        """Keep ``text`` for the next ``length`` characters."""
        if not self._text:
            self._start = self.pos
        self._text.append(text)
        self.pos += length
        self._end = self.pos

    def _keep_if(self, kept: bool) -> None:
        """Pass one character, which stays in the word or not."""
        if kept:
            self._keep(self.source.chars[self.pos], 1)
        else:
            self.pos += 1

    def _flaw(self, flaw: Flaw, start: int, message: str, length: int = 1) -> None:
        span = self.source.span(start, start + length)
        self.flaws.append((flaw, Problem(message, span, self.source.text)))

    def _scan(self, terminators: tuple[str, ...]) -> None:
        """Consume to a terminator outside quotes and brackets, which may nest to any depth."""
        chars = self.source.chars
        opened: list[_Quoted] = []
        while self.pos < len(chars):
            char = chars[self.pos]
            if not opened and chars.startswith(terminators, self.pos):
                return
            if opened and char == opened[-1].closing:
                closed = opened.pop()
                self._keep_if(bool(opened) or closed.flaw is Flaw.OPEN_BRACKET)
            elif char == "\\":
                self._escape()
            elif char == "'":
                self._hard_quote(stays=bool(opened))
            elif char == '"':
                opened.append(_Quoted('"', self.pos, Flaw.OPEN_QUOTE))
                self._keep_if(len(opened) > 1)
            elif char in _CLOSING:
                opened.append(_Quoted(_CLOSING[char], self.pos, Flaw.OPEN_BRACKET))
                self._keep(char, 1)
            else:
                self._plain(char)
        for quoted in reversed(opened):
            self._unclosed(quoted)

    def _unclosed(self, quoted: _Quoted) -> None:
        opening = self.source.chars[quoted.start]
        by = "" if quoted.closing == opening else f" by {quoted.closing}"
        self._flaw(quoted.flaw, quoted.start, f"this {opening} is never closed{by}")

    def _plain(self, char: str) -> None:
        unknown = self.source.unknowns.get(self.pos) if char == _HOLE else None
        if unknown is not None:
            self._flush()
            self._parts.append(unknown)
            self.pos += 1
            return
        if char == "\0":
            self._flaw(Flaw.NUL, self.pos, "this is a NUL character, which no address can hold")
        self._keep(char, 1)

    def _escape(self) -> None:
        chars = self.source.chars
        if self.pos + 1 >= len(chars):
            self._flaw(Flaw.OPEN_ESCAPE, self.pos, "this \\ stands at the end and escapes nothing")
            self._keep("\\", 1)
            return
        following = chars[self.pos + 1]
        if following == _HOLE and self.pos + 1 in self.source.unknowns:
            self.pos += 1
            self._plain(following)
            return
        if following in "0\0":
            self._flaw(Flaw.NUL, self.pos, "this is a NUL character, which no address can hold", 2)
        self._keep(_C_ESCAPES.get(following, following), 2)

    def _hard_quote(self, *, stays: bool) -> None:
        chars = self.source.chars
        start = self.pos
        self._keep_if(stays)
        while self.pos < len(chars) and chars[self.pos] != "'":
            if chars[self.pos] == "\\":
                self._escape()
            else:
                self._plain(chars[self.pos])
        if self.pos >= len(chars):
            self._unclosed(_Quoted("'", start, Flaw.OPEN_QUOTE))
            return
        self._keep_if(stays)
