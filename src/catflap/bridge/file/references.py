"""``${env:NAME}`` and ``${file:PATH}`` in an address: secrets that stand elsewhere.

One mechanism, within the text: a secret is mostly half of an option's value (``proxyauth=user:``),
which a table in the place of the string could not say.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.core.reading import read_bounded
from catflap.core.spans import Span

if TYPE_CHECKING:
    from pathlib import Path

    from catflap.bridge.file.problems import Notes
    from catflap.bridge.file.toml import Value

__all__ = ("resolve",)

_REFERENCE = re.compile(r"\$\{(env|file):([^}]*)\}")
_LARGEST = 64 * 1024
_SEPARATORS = re.compile(r"([\\,:!\"'()\[\]{}])")


def resolve(value: Value, folder: Path, notes: Notes) -> tuple[Literal, ...]:
    """Return the pieces of an address with its references replaced, their places kept.

    What is put in is data: characters that mean something to the address language are escaped.
    """
    pieces: list[Literal] = []
    for piece in value.pieces():
        at = 0
        for match in _REFERENCE.finditer(piece.text):
            if match.start() > at:
                pieces.append(_slice(piece, at, match.start()))
            span = _slice(piece, match.start(), match.end()).span
            if match[1] == "file":
                notes.referred.append(str(folder / match[2]))
            found = _look_up(match[1], match[2], folder)
            if isinstance(found, str):
                if found:
                    notes.brought_in[found] = match[0]
                pieces.append(Literal(_SEPARATORS.sub(r"\\\1", found), span))
            else:
                notes.add(found[0], span, found[1])
                pieces.append(Literal("missing", span))
            at = match.end()
        if at < len(piece.text):
            pieces.append(_slice(piece, at, len(piece.text)))
    return tuple(pieces)


def _slice(piece: Literal, start: int, end: int) -> Literal:
    if piece.span.end - piece.span.start != len(piece.text):
        return Literal(piece.text[start:end], piece.span)
    return Literal(piece.text[start:end], Span(piece.span.start + start, piece.span.start + end))


def _look_up(kind: str, name: str, folder: Path) -> str | tuple[str, str]:
    """Return the text, or what is wrong and what was expected; never the text in a message."""
    if kind == "env":
        if not name:
            return ("${env:} names no variable", "${env:NAME}")
        text = os.environ.get(name)
        return (
            (f"the environment has no {name}", "a variable that is set") if text is None else text
        )
    try:
        text = read_bounded(folder / name, _LARGEST).decode().replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        return (f"{name} cannot be read: {why}", "a file with one line")
    if len(text.encode()) > _LARGEST:
        return (f"{name} is larger than {_LARGEST // 1024} KiB", "a file with one line")
    text = text.removesuffix("\n")
    if "\n" in text or "\0" in text:
        return (f"{name} holds more than one line", "a file with one line")
    return text
