"""What the far side wrote, on its way to a terminal.

A terminal obeys the bytes it is sent: they can retitle its window, fill the clipboard, make it
type an answer (console_codes(4), and ECMA-48). So control characters are shown instead of sent,
but those that only move within the text: line feed, return, tab and backspace.
"""

from __future__ import annotations

import codecs
from typing import Final

__all__ = ("PromptScan", "Tamed")

_OBEYED: Final = frozenset("\n\r\t\b")
_PROMPT_BYTES: Final = 512
"""A longer unfinished line is no prompt; of it, the end is kept."""


def _tame(character: str) -> str:
    code = ord(character)
    if character in _OBEYED or 32 <= code < 127 or code >= 160:
        return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else character
    if code < 128:
        return f"^{chr(code ^ 64)}"
    return f"\\x{code:02x}"


class Tamed:
    """Text in which no byte is a command to the terminal, however its bytes are cut."""

    __slots__ = ("_decoder",)

    def __init__(self) -> None:
        """Start between two characters."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def __call__(self, data: bytes) -> bytes:
        """Return what may be written for the next bytes."""
        text = self._decoder.decode(data)
        if text.isascii() and text.isprintable():
            return text.encode()
        return "".join(map(_tame, text)).encode()


class PromptScan:
    """Keeps the end of what was written since its last line end: that is what asks for input."""

    __slots__ = ("text",)

    def __init__(self) -> None:
        """Nothing was written yet."""
        self.text = b""

    def see(self, data: bytes) -> None:
        """Hear what is written."""
        end = max(data.rfind(b"\n"), data.rfind(b"\r"))
        kept = data[end + 1 :] if end >= 0 else self.text + data
        self.text = kept[-_PROMPT_BYTES:]
