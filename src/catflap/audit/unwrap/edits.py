"""Editors that add a command to a file: ``sed -i '/^exit 0/i socat A B &' /etc/rc.local``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.unwrap.options import options
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("sed",)

_VALUED = ("-e", "--expression", "-f", "--file", "-l", "--line-length")
# POSIX wants ``i\`` and a line's end; GNU's takes the text on the same line.
_ADDS = re.compile(r"(?:^|[\s/;{$,\d])[aic](?:\\[ \t]*\n?[ \t]*|[ \t]+\\?)(?=\S)")

# The text that takes the place of another: ``s/exit 0/socat A B \\&\\nexit 0/``.
_PUTS = re.compile(
    r"(?:^|[\s/;{$,\d])s([^\w\s\\])(?:\\.|(?!\1)[^\n\\]){0,500}\1((?:\\.|(?!\1)[^\\]){0,4000})\1",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\[n&/|#@,\\]")


def sed(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``sed -i``, whose commands ``a``, ``i``, ``c`` and ``s`` put a text into a file."""
    from catflap.audit.shell.foreign import read_as
    from catflap.audit.shell.words import as_passage

    given = options(words, _VALUED)
    if not any(name.startswith(("-i", "--in-place")) for name in given.given):
        return
    scripts = given.values("-e", "--expression") or list(words[given.rest : given.rest + 1])
    name = words[-1].text if len(words) > given.rest + 1 else ""
    for script in scripts:
        passage = as_passage(script.pieces)
        for start, end in _texts(passage.text):
            added = _plain(passage.part(start, end))
            yield from read_as(name, added, context.at_most(Confidence.MEDIUM))


def _texts(script: str) -> Iterator[tuple[int, int]]:
    """Give the places of the texts that a script of ``sed`` adds."""
    adds = _ADDS.search(script)
    if adds is not None:
        yield adds.end(), len(script)
        return
    for puts in _PUTS.finditer(script):
        yield puts.span(2)


def _plain(passage: Passage) -> Passage:
    """Return a text with its escapes taken away."""
    parts, at = [], 0
    for found in _ESCAPE.finditer(passage.text):
        character = "\n" if found[0][1] == "n" else found[0][1]
        span = passage.span(*found.span())
        parts += [
            passage.part(at, found.start()),
            Passage(character, [span.start], [span.end]),
        ]
        at = found.end()
    return Passage.join([*parts, passage.part(at, len(passage))])
