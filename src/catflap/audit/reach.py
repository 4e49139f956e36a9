"""Which lines a comment speaks about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.comments import Comment
    from catflap.audit.locate import Lines

__all__ = ("reach_of",)

_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,}|-{4,}\s*$|\.{4,}\s*$)")
_DIRECTIVE = re.compile(r"[ \t]*\.\.[ \t]+[\w-]*code|.*::[ \t]*$")
_BEFORE_BLOCK = re.compile(
    r"[ \t\r\n]*\Z|\[(?:source|listing|,|[\w%#.-]+)[^\]\n]*\][ \t]*\r?\n?\Z|\.[A-Z]"
)
# A line that only opens a value which begins below it: "command: >", "run: |", "args:".
_OPENS = re.compile(
    r"[ \t]*(-[ \t]+)?[\w.\"'-]+[ \t]*[:=][ \t]*([|>][-+0-9]*|[\[\\(]|[|>&!]\S*)?[ \t]*$"
)
_MOST = 400


def reach_of(
    comment: Comment, lines: Lines, openers: Sequence[str], *, document: bool
) -> tuple[int, int]:
    """Return the first and last line that a comment speaks about, its own included.

    A comment behind a command speaks about its line. One that has a line for itself speaks about
    the next line that is no comment; in a document, where that is the beginning of a block of
    code, about the block.
    """
    own = lines.number(comment.span.start)
    if not comment.alone:
        return own, own
    at = own + 1
    while at <= min(len(lines), own + _MOST) and _is_comment(lines.line(at), openers):
        at += 1
    if document:
        return own, _block_end(lines, at)
    while at < len(lines) and at < own + 4 and _OPENS.match(lines.line(at)):
        at += 1
    return own, min(at, len(lines))


def _is_comment(line: str, openers: Sequence[str]) -> bool:
    return line.lstrip().startswith(tuple(openers))


def _block_end(lines: Lines, at: int) -> int:
    """Return the last line of the block that begins at a line or after blank ones."""
    # AsciiDoc: attributes and a title stand between a comment and the block.
    while at < len(lines) and _BEFORE_BLOCK.match(lines.line(at)):
        at += 1
    if at > len(lines):
        return len(lines)
    line = lines.line(at)
    fence = _FENCE.match(line)
    last = min(len(lines), at + _MOST)
    if fence is not None:
        closing = fence["fence"].strip()[:3]
        for number in range(at + 1, last + 1):
            if lines.line(number).strip().startswith(closing):
                return number
        return last
    if not _DIRECTIVE.match(line):
        return at
    indent = _indent(line)
    end = at
    for number in range(at + 1, last + 1):
        text = lines.line(number)
        if text.strip():
            if _indent(text) <= indent:
                break
            end = number
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
