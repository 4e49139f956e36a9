"""Raw data as text: the small language ("dalan") of generic socket options, ioctls and addresses.

A letter says what follows and how it is stored, all in the byte order of this host: ``i`` and
``I`` an int, ``l`` and ``L`` a long, ``s`` and ``S`` a short, ``b`` and ``B`` a byte (small
letters are signed), all decimal; ``x`` hexadecimal digits in pairs; ``"`` a string and ``'`` one
character with the usual escapes. Items may be set apart by blanks; a number that follows without
a letter is of the type before it.

Source: the section DATA VALUES of socat(1).
"""

from __future__ import annotations

import re
import struct

__all__ = ("DalanError", "read_dalan")

_FORMATS = {
    "i": "=i",
    "I": "=I",
    "l": "@l",
    "L": "@L",
    "s": "=h",
    "S": "=H",
    "b": "=b",
    "B": "=B",
}
_NUMBER = re.compile(r"[+-]?[0-9]{1,24}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]+")
_BLANKS = " \t\r\n"
_ESCAPES = {
    "n": 10,
    "r": 13,
    "t": 9,
    "f": 12,
    "b": 8,
    "v": 11,
    "a": 7,
    "e": 27,
    "0": 0,
}


class DalanError(ValueError):
    """The text is no data.

    Args:
        message: what is wrong.
        at: where in the text, as an offset.
    """

    def __init__(self, message: str, at: int) -> None:
        """Keep the place."""
        super().__init__(message)
        self.at = at


def read_dalan(text: str, kind: str = "i") -> bytes:
    """Return the bytes that a text stands for.

    Args:
        text: such as ``x7f000001`` or ``i-1 "abc"``.
        kind: letter that holds for a number before any letter was given.

    Raises:
        DalanError: it is malformed, or a number does not fit its type.
    """
    found = bytearray()
    at = 0
    while at < len(text):
        letter = text[at]
        if letter in _BLANKS:
            at += 1
            continue
        if letter in _FORMATS or letter == "x":
            kind = letter
            at += 1
        if letter == '"':
            at = _string(text, at + 1, found)
        elif letter == "'":
            at = _character(text, at + 1, found)
        elif kind == "x":
            at = _digits(text, at, found)
        else:
            at = _number(text, at, kind, found)
    return bytes(found)


def _number(text: str, at: int, kind: str, found: bytearray) -> int:
    match = _NUMBER.match(text, at)
    if match is None:
        message = f"a number must follow {kind}"
        raise DalanError(message, at)
    try:
        found += struct.pack(_FORMATS[kind], int(match[0]))
    except struct.error:
        message = f"{match[0]} does not fit into {kind}"
        raise DalanError(message, at) from None
    return match.end()


def _digits(text: str, at: int, found: bytearray) -> int:
    match = _HEX.match(text, at)
    if match is None:
        message = "hexadecimal digits must follow x"
        raise DalanError(message, at)
    if len(match[0]) % 2:
        message = "hexadecimal digits come in pairs"
        raise DalanError(message, at)
    found += bytes.fromhex(match[0])
    return match.end()


def _string(text: str, at: int, found: bytearray) -> int:
    while at < len(text):
        if text[at] == '"':
            return at + 1
        at = _one(text, at, found)
    message = "the string is not closed"
    raise DalanError(message, at)


def _character(text: str, at: int, found: bytearray) -> int:
    if at < len(text) and text[at] != "'":
        at = _one(text, at, found)
        if at < len(text) and text[at] == "'":
            return at + 1
    message = "one character and a closing ' must follow '"
    raise DalanError(message, at)


def _one(text: str, at: int, found: bytearray) -> int:
    """Take one character of a string, which may be escaped; return where the next one is."""
    if text[at] != "\\":
        found += text[at].encode("utf-8", "surrogateescape")
        return at + 1
    if at + 1 >= len(text):
        message = "a backslash ends the text"
        raise DalanError(message, at)
    escaped = text[at + 1]
    code = _ESCAPES.get(escaped)
    found += bytes((code,)) if code is not None else escaped.encode("utf-8", "surrogateescape")
    return at + 2
