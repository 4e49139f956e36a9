"""A script by its first line: the shell, or another language that has a source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.command import Reading
from catflap.audit.sources.registry import find_source

if TYPE_CHECKING:
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read_script",)

_INTERPRETER = re.compile(
    r"#!.{0,200}?\b(?:(python)[\d.]*|(ruby)|(node|deno|bun)|(?:ba|z|k|a|da|mk|fi)?(sh))\b"
)
_SOURCES = ("python", "ruby", "javascript", "shell")


def read_script(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a script; one of a language that has no source has none."""
    name: str | None = "shell"
    if passage.text.startswith("#!"):
        found = _INTERPRETER.match(passage.text)
        name = None
        if found is not None:
            name = next(each for each, group in zip(_SOURCES, found.groups(), strict=True) if group)
    source = find_source(name) if name is not None else None
    return Reading(()) if source is None else source.read(passage, surroundings, path)
