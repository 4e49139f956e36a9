"""Scalars of YAML: what each style stands for (YAML 1.2.2, chapters 7.3 and 8.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.text.lines import between, glue

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("block_scalar", "double_quoted", "plain", "single_quoted")

_BREAK = r"\r?\n(?:[ \t]*+\r?\n)*+[ \t]*+"
# Blanks are looked at from their first one only: a long run of them must not cost its square.
_FOLD = rf"(?:(?<![ \t])[ \t]*+)?{_BREAK}"
_PLAIN = re.compile(_FOLD)
_SINGLE = re.compile(rf"''|{_FOLD}")
_DOUBLE = re.compile(
    rf"\\(?:x[0-9A-Fa-f]{{2}}|u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}}|{_BREAK}|.)|{_FOLD}",
    re.DOTALL,
)
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_HEADER = re.compile(r"[|>]([-+0-9]*)[^\n]*\n?")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HIGHEST = 0x10FFFF


def plain(passage: Passage) -> Passage:
    """Return what a plain scalar stands for: its lines folded into one."""
    return _replaced(passage, _PLAIN) if "\n" in passage.text else passage


def single_quoted(passage: Passage) -> Passage:
    """Return what stands between single quotes; the passage has them at its ends."""
    return _replaced(_unquoted(passage, "'"), _SINGLE)


def double_quoted(passage: Passage) -> Passage:
    """Return what stands between double quotes; the passage has them at its ends."""
    return _replaced(_unquoted(passage, '"'), _DOUBLE)


def _unquoted(passage: Passage, quote: str) -> Passage:
    end = len(passage)
    if end > 1 and passage.text[end - 1] == quote:
        end -= 1
    return passage.part(1, end)


def _replaced(passage: Passage, pattern: re.Pattern[str]) -> Passage:
    parts: list[Passage] = []
    at = 0
    for found in pattern.finditer(passage.text):
        start, end = found.span()
        parts.append(passage.part(at, start))
        parts.append(between(passage, _meaning(found[0]), start, end))
        at = end
    if not parts:
        return passage
    parts.append(passage.part(at, len(passage)))
    return glue(parts)


def _meaning(written: str) -> str:
    """Return what an escape or a fold stands for."""
    if written == "''":
        return "'"
    if not written.startswith("\\"):
        lines = written.count("\n")
        return " " if lines == 1 else "\n" * (lines - 1)
    after = written[1:2]
    if after in "xuU" and len(written) > 2:
        digits = written[2:]
        code = int(digits, 16)
        return chr(code) if code <= _HIGHEST and not 0xD800 <= code < 0xE000 else "\ufffd"
    if after == "\n" or written.startswith("\\\r\n"):
        return "\n" * (written.count("\n") - 1)
    # What the grammar does not know means itself: an escape must not hide a command.
    return _ESCAPES.get(after, after)


def block_scalar(passage: Passage, parent: int) -> Passage:
    """Return what a literal or folded block stands for.

    Args:
        passage: from its ``|`` or ``>`` on, with all blank lines that follow.
        parent: the column of what holds it, for a header that says the depth; -1 for none.
    """
    header = _HEADER.match(passage.text)
    if header is None:
        return passage.part(0, 0)
    lines = [found.span() for found in _LINE.finditer(passage.text, header.end())]
    depth = _depth(passage.text, lines, header[1], parent)
    bodies = [_Line(passage, start, end, depth) for start, end in lines]
    last = len(bodies)
    while last and bodies[last - 1].is_empty:
        last -= 1
    parts = list(
        _folded(passage, bodies[:last]) if passage.text[0] == ">" else _literal(bodies[:last])
    )
    if last and "-" not in header[1]:
        parts.append(bodies[last - 1].line_end())
    if "+" in header[1]:
        parts.extend(line.line_end() for line in bodies[last:])
    return Passage.join(parts)


def _depth(text: str, lines: list[tuple[int, int]], header: str, parent: int) -> int:
    digits = re.sub(r"[^1-9]", "", header)
    if digits:
        return max(parent, 0) + int(digits[0])
    for start, end in lines:
        body = text[start:end]
        if body.strip():
            return len(body) - len(body.lstrip(" "))
    return max((len(text[start:end].rstrip("\r\n")) for start, end in lines), default=0)


class _Line:
    """One line of a block, its indentation and its line end left out."""

    __slots__ = ("_passage", "end", "first", "is_empty", "start", "written_end")

    def __init__(self, passage: Passage, start: int, end: int, depth: int) -> None:
        self._passage = passage
        text = passage.text
        self.written_end = end
        stop = end
        if stop > start and text[stop - 1] == "\n":
            stop -= 1
            if stop > start and text[stop - 1] == "\r":
                stop -= 1
        self.end = stop
        at = start
        while at < stop and at - start < depth and text[at] == " ":
            at += 1
        self.start = at
        self.is_empty = at == stop
        self.first = text[at] if at < stop else ""

    def body(self) -> Passage:
        return self._passage.part(self.start, self.end)

    def line_end(self) -> Passage:
        if self.written_end == self.end:
            return Passage("", self._passage.start(self.end))
        return between(self._passage, "\n", self.end, self.written_end)


def _literal(lines: list[_Line]) -> Iterator[Passage]:
    for number, line in enumerate(lines):
        yield line.body()
        if number + 1 < len(lines):
            yield line.line_end()


def _folded(passage: Passage, lines: list[_Line]) -> Iterator[Passage]:
    """Give the parts of a folded block: a single line end between two lines of text is a blank."""
    number = 0
    while number < len(lines) and lines[number].is_empty:
        yield lines[number].line_end()
        number += 1
    while number < len(lines):
        line = lines[number]
        yield line.body()
        after = number + 1
        while after < len(lines) and lines[after].is_empty:
            after += 1
        if after < len(lines):
            joined = line.first not in " \t" and lines[after].first not in " \t"
            if not joined:
                yield line.line_end()
            elif after == number + 1:
                yield between(passage, " ", line.end, line.written_end)
            for empty in lines[number + 1 : after]:
                yield empty.line_end()
        number = after
