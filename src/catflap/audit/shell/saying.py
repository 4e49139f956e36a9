"""What ``echo`` and ``printf`` write.

POSIX.1-2024, ``printf``: the format is used again while arguments are left; ``%s`` and ``%b`` take
one each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.shell.words import as_passage
from catflap.audit.unwrap.layers import base_name
from catflap.audit.unwrap.texts import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.command import Argument
    from catflap.audit.shell.words import Piece

__all__ = ("said_by",)

_FLAGS = frozenset({"-e", "-n", "-en", "-ne", "-E", "--"})
_ESCAPE = re.compile(r"\\[\\ntr]")
_MEANINGS = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_DIRECTIVE = re.compile(r"\\[\\ntr]|%%|%[-+ #0-9.]*[sbdq]")
_MOST_ROUNDS = 200


def said_by(words: Sequence[Argument]) -> tuple[Piece, ...]:
    """Return what ``echo`` or ``printf`` writes.

    Args:
        words: of the command, the program first.
    """
    at = 1
    while at < len(words) and words[at].text in _FLAGS:
        at += 1
    if base_name(words[0]) == "printf":
        return _formatted(words[at:])
    whole = joined(words[at:])
    if not whole:
        return ()
    said = whole[0].pieces
    # Whether echo takes escapes depends on the shell and its flags; a line end is meant as one.
    if "-E" in {word.text for word in words[1:at]} or not any("\\" in each.text for each in said):
        return said
    return _filled(as_passage(said), _ESCAPE, [])[0].pieces()


def _formatted(words: Sequence[Argument]) -> tuple[Piece, ...]:
    if not words:
        return ()
    form = as_passage(words[0].pieces)
    rest = [as_passage(word.pieces) for word in words[1:]]
    parts: list[Passage] = []
    for _ in range(_MOST_ROUNDS):
        before = len(rest)
        said, rest = _filled(form, _DIRECTIVE, rest)
        parts.append(said)
        if not rest or len(rest) == before:
            break
    return Passage.join(parts).pieces()


def _filled(
    form: Passage, pattern: re.Pattern[str], arguments: list[Passage]
) -> tuple[Passage, list[Passage]]:
    """Return a format with escapes and directives replaced, and the arguments that are left."""
    parts: list[Passage] = []
    at, used = 0, 0
    for found in pattern.finditer(form.text):
        start, end = found.span()
        parts.append(form.part(at, start))
        at = end
        if found[0].startswith("\\"):
            parts.append(_one(form, start, end, _MEANINGS[found[0][1]]))
        elif found[0] == "%%":
            parts.append(_one(form, start, end, "%"))
        elif used < len(arguments):
            parts.append(arguments[used])
            used += 1
    parts.append(form.part(at, len(form)))
    return Passage.join(parts), arguments[used:]


def _one(form: Passage, start: int, end: int, char: str) -> Passage:
    span = form.span(start, end)
    return Passage(char, [span.start], [span.end])
