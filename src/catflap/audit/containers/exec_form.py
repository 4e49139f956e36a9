"""The exec form of Dockerfiles: a list of strings in JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.command import Argument
from catflap.audit.yaml.scalars import double_quoted

if TYPE_CHECKING:
    from catflap.audit.passage import Passage

__all__ = ("exec_form",)

_ITEM = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*+\")\s*([,\]])", re.DOTALL)


def exec_form(body: Passage) -> list[Argument] | None:
    """Return the words of a list in JSON; ``None`` for anything else, which a shell runs.

    What only looks like a list (single quotes, a comma too many) is run by the shell too.
    """
    text = body.text
    at = len(text) - len(text.lstrip())
    if text[at : at + 1] != "[":
        return None
    if re.fullmatch(r"\s*\[\s*\]\s*", text):
        return []
    at += 1
    words: list[Argument] = []
    while True:
        found = _ITEM.match(text, at)
        if found is None:
            return None
        word = double_quoted(body.part(found.start(1), found.end(1)))
        words.append(Argument(word.pieces(), body.span(found.start(1), found.end(1))))
        at = found.end()
        if found[2] == "]":
            return None if text[at:].strip() else words
