"""Splits text into words as programs without a shell do: systemd, and Python's shlex."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.command import Argument
from catflap.audit.passage import Passage
from catflap.audit.text.lines import between, glue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.core.spans import Span

__all__ = ("SHLEX", "SYSTEMD", "Quoting", "Token", "blank_words", "tokens")

_C_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "s": " ",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
_NUMBER = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{3}))")


@dataclass(frozen=True, slots=True)
class Quoting:
    """How words are quoted.

    Args:
        plain: characters that matter outside quotes.
        quotes: for each quote, the characters that matter between two of them.
        c_escapes: whether a backslash begins an escape of C, as in systemd.syntax(7); without,
            it takes the next character as it is, between double quotes only ``"`` and itself.
    """

    plain: re.Pattern[str]
    quotes: dict[str, re.Pattern[str]]
    c_escapes: bool


SYSTEMD = Quoting(
    re.compile(r"[\s\"'\\]"),
    {'"': re.compile(r'["\\]'), "'": re.compile(r"['\\]")},
    c_escapes=True,
)
"""systemd.service(5), COMMAND LINES: both quotes alike, escapes of C in them and outside."""

SHLEX = Quoting(
    re.compile(r"[\s\"'\\]"), {'"': re.compile(r'["\\]'), "'": re.compile(r"'")}, c_escapes=False
)
"""Python's ``shlex.split``, which supervisord and circus use."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, its quotes and escapes taken away, and its place with them.

    Args:
        passage: what the program gets, before variables are filled in.
        span: the word as written.
        raw: the same, as text.
    """

    passage: Passage
    span: Span
    raw: str

    def argument(self) -> Argument:
        """Return it as a word of a command."""
        return Argument(self.passage.pieces(), self.span)


def tokens(passage: Passage, quoting: Quoting) -> Iterator[Token]:
    """Give the words of a passage; a quote that stays open ends with the text."""
    text, at = passage.text, 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            return
        begin = at
        parts, at = _word(passage, quoting, at)
        yield Token(
            glue(parts) if parts else Passage("", passage.start(begin)),
            passage.span(begin, at),
            text[begin:at],
        )


def _word(passage: Passage, quoting: Quoting, at: int) -> tuple[list[Passage], int]:
    """Return the parts of the word that begins here, and where it ends."""
    text, parts, quote = passage.text, list[Passage](), ""
    while at < len(text):
        special = quoting.quotes[quote] if quote else quoting.plain
        found = special.search(text, at)
        stop = found.start() if found else len(text)
        if stop > at:
            parts.append(passage.part(at, stop))
        if found is None:
            return parts, stop
        char, at = text[stop], stop
        if char == "\\":
            part, at = _escape(passage, at, quoting, quote)
            parts.append(part)
        elif char == quote:
            quote, at = "", at + 1
        elif char in quoting.quotes:
            quote, at = char, at + 1
        else:
            return parts, at
    return parts, at


def _escape(passage: Passage, at: int, quoting: Quoting, quote: str) -> tuple[Passage, int]:
    """Return what a backslash and what follows stand for, and where they end."""
    text = passage.text
    following = text[at + 1 : at + 2]
    if not following:
        return passage.part(at, at + 1), at + 1
    if not quoting.c_escapes:
        if quote and following not in {'"', "\\"}:
            return passage.part(at, at + 2), at + 2
        return between(passage, following, at, at + 2), at + 2
    if following in _C_ESCAPES:
        return between(passage, _C_ESCAPES[following], at, at + 2), at + 2
    number = _NUMBER.match(text, at)
    if number is not None:
        digits = number[1] or number[2] or number[3]
        code = int(digits, 16) if digits else int(number[4], 8)
        if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
            return between(passage, chr(code), at, number.end()), number.end()
    # systemd warns of an escape that it does not know, and keeps it with its backslash.
    return passage.part(at, at + 2), at + 2


def blank_words(passage: Passage) -> list[Argument]:
    """Return the words between blanks; quotes mean nothing."""
    return [
        Argument(passage.pieces(*found.span()), passage.span(*found.span()))
        for found in re.finditer(r"\S+", passage.text)
    ]
