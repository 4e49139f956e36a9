"""String literals: their escapes, their interpolations, the place of every character."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("dedented", "escaped", "unescape")

_SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "s": " ",
    "0": "\0",
}
_ONLY_RUBY = "es"
_HEXADECIMAL = re.compile(r"\\[xuU]\{?([0-9A-Fa-f]{1,8})\}?\Z")
_OCTAL = re.compile(r"\\([0-7]{1,3})\Z")
_NAMED = re.compile(r"\\N\{([^}]+)\}\Z")
_HIGHEST = 0x10FFFF
_LINE = re.compile(r"[^\n]*\n?")
_INDENT = re.compile(r"[ \t]*")


def unescape(written: str, *, keeps: bool = False, ruby: bool = False) -> str:  # noqa: PLR0911 - one for each form
    r"""Return what an escape sequence stands for: nothing for an escaped line end.

    Args:
        written: the sequence, its backslash included.
        keeps: whether an unknown one stays as it is, as in Python; else its backslash goes.
        ruby: whether ``\e`` and ``\s`` are known.
    """
    if len(written) < 2:
        return written
    after = written[1]
    if after in "\r\n":
        return ""
    number = _HEXADECIMAL.match(written) or _OCTAL.match(written)
    if number is not None:
        code = int(number[1], 8 if written[1] not in "xuU" else 16)
        return chr(code) if code <= _HIGHEST and not 0xD800 <= code < 0xE000 else "\ufffd"
    if len(written) == 2 and after in _SIMPLE and (ruby or after not in _ONLY_RUBY):
        return _SIMPLE[after]
    named = _NAMED.match(written)
    if named is not None:
        try:
            return unicodedata.lookup(named[1])
        except KeyError:
            return "\ufffd"
    known = after in "\\'\"`$#{}/"
    return written if keeps and not known else written[1:]


def escaped(passage: Passage, start: int, end: int, meaning: str) -> Passage:
    """Return what a stretch of a passage stands for; all of it has the place of the stretch."""
    span = passage.span(start, end)
    size = len(meaning)
    if size == 1:
        return Passage(meaning, [span.start], [span.end])
    # The first character takes the room, the others stand after it and take none.
    return Passage(meaning, [span.start, *[span.end] * (size - 1)][:size], [span.end] * size)


def dedented(passage: Passage, *, drop_first: bool = False) -> Passage:
    """Return the passage without the indentation that all its lines share.

    Args:
        passage: the lines.
        drop_first: whether a first line that is blank goes too, as in Nix.
    """
    lines = [match.span() for match in _LINE.finditer(passage.text) if match.end() > match.start()]
    if drop_first and lines and not passage.text[slice(*lines[0])].strip():
        lines = lines[1:]
    depth = _depth(passage, lines)
    if not depth:
        return Passage.join(passage.part(*line) for line in lines) if drop_first else passage
    return Passage.join(passage.part(*_without(passage, line, depth)) for line in lines)


def _depth(passage: Passage, lines: Iterable[tuple[int, int]]) -> int:
    depths = []
    for start, end in lines:
        indent = _INDENT.match(passage.text, start, end)
        after = indent.end() if indent else start
        if after < end and passage.text[after] not in "\r\n":
            depths.append(after - start)
    return min(depths, default=0)


def _without(passage: Passage, line: tuple[int, int], depth: int) -> tuple[int, int]:
    start, end = line
    indent = _INDENT.match(passage.text, start, min(end, start + depth))
    return (indent.end() if indent else start, end)
