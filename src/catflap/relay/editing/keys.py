"""What was typed: characters and named keys out of the bytes of a terminal.

Sources: console_codes(4), and the keys of readline(3) in its emacs mode.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Keys",)

_LONGEST_SEQUENCE: Final = 32
_FINAL: Final = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "H": "home",
    "F": "end",
    "1~": "home",
    "7~": "home",
    "4~": "end",
    "8~": "end",
    "3~": "delete",
    "1;5C": "meta-f",
    "1;5D": "meta-b",
    "1;3C": "meta-f",
    "1;3D": "meta-b",
}


class Keys:
    """Reads keys, however the bytes of one are cut."""

    __slots__ = ("_decoder", "_sequence")

    def __init__(self) -> None:
        """Start between two keys."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._sequence = ""

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield a character for itself, and a named key by a name of several letters."""
        for character in self._decoder.decode(data):
            key = self._next(character)
            if key:
                yield key

    def _next(self, character: str) -> str:
        if not self._sequence:
            if character == "\x1b":
                self._sequence = character
                return ""
            return character
        if self._sequence == "\x1b":
            if character in {"[", "O"}:
                self._sequence += character
                return ""
            self._sequence = ""
            return f"meta-{character}"
        if not "@" <= character <= "~":
            # What is too long to be known is still read to its end.
            self._sequence = (self._sequence + character)[:_LONGEST_SEQUENCE]
            return ""
        found = _FINAL.get(self._sequence[2:] + character, "")
        self._sequence = ""
        return found
