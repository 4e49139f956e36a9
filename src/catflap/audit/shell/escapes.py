"""Reads ``$'...'``, the quotes in which a backslash writes any character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("ansi_c",)

_RUN = re.compile(r"[^\\']+")
_ESCAPE = re.compile(
    r"\\(?:x(?P<hex>[0-9a-fA-F]{1,2})|u(?P<u4>[0-9a-fA-F]{1,4})|U(?P<u8>[0-9a-fA-F]{1,8})"
    r"|(?P<octal>[0-7]{1,3})|c(?P<control>.)|(?P<letter>[abeEfnrtv\\'\"?]))",
    re.DOTALL,
)
_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def ansi_c(text: str, at: int, stop: int, add: Callable[[int, int, str | None], None]) -> int:
    """Read ``$'...'`` and return the place after it.

    Args:
        text: in which it stands.
        at: the dollar.
        stop: where to give up.
        add: called for each part with its place, and its value when it is an escape.
    """
    at += 2
    while at < stop:
        if text[at] == "'":
            return at + 1
        if found := _RUN.match(text, at, stop):
            add(at, found.end(), None)
        elif found := _ESCAPE.match(text, at, stop):
            add(at, found.end(), _value(found))
        else:
            add(at, at + 1, None)
            at += 1
            continue
        at = found.end()
    return stop


def _value(found: re.Match[str]) -> str:
    kind = found.lastgroup
    written = found.group(kind or 0)
    if kind == "letter":
        return _LETTERS.get(written, written)
    if kind == "control":
        return chr(ord(written[0]) & 0x1F)
    code = int(written, 8) & 0xFF if kind == "octal" else int(written, 16)
    is_character = code <= _LAST_CODE_POINT and code not in _SURROGATES
    return chr(code) if is_character else "\ufffd"
