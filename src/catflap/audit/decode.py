"""A file's bytes as text in which every character keeps its place."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from catflap.audit.passage import Passage

__all__ = ("BINARY_WINDOW", "Decoded", "decode", "is_binary", "passage_of")

BINARY_WINDOW = 8192
"""A file with a NUL among its first bytes, so many, is no text; git looks as far."""

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how it was written.

    Args:
        text: without the byte order mark, line ends as they are.
        encoding: as :func:`codecs.lookup` takes it.
        errors: the handler that turns the text back into the same bytes.
        mark: the byte order mark that stood before it.
    """

    text: str
    encoding: str = "utf-8"
    errors: str = "surrogateescape"
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """Return another text in the same form; :attr:`text` gives the file to the byte."""
        return self.mark + text.encode(self.encoding, self.errors)


def is_binary(data: bytes) -> bool:
    """Whether the beginning of a file shows that it is no text."""
    return not data.startswith(_WIDE) and data.find(b"\0", 0, BINARY_WINDOW) >= 0


def decode(data: bytes) -> Decoded:
    """Return the text of a file; bytes that are no UTF-8 become one lone surrogate each."""
    for mark, encoding in ((_WIDE[0], "utf-16-le"), (_WIDE[1], "utf-16-be")):
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "surrogatepass" if _even(data) else "replace")
            return Decoded(text, encoding, "surrogatepass", mark)
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return Decoded(data[len(mark) :].decode("utf-8", "surrogateescape"), mark=mark)


def _even(data: bytes) -> bool:
    return len(data) % 2 == 0


def passage_of(text: str) -> Passage:
    """Return the text as the readers take it: lines end with a line feed alone.

    A carriage return before a line feed is left out, so that no word ends with one; every other
    character knows its place in the text.
    """
    if "\r\n" not in text:
        return Passage(text)
    whole = Passage(text)
    parts: list[Passage] = []
    at = 0
    while (found := text.find("\r\n", at)) >= 0:
        parts.append(whole.part(at, found))
        at = found + 1
    parts.append(whole.part(at, len(text)))
    return Passage.join(parts)
