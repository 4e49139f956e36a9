"""Notebooks of Jupyter: the code of their cells, and what the cells between tell.

Source: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit import grammar
from catflap.audit.command import Reading
from catflap.audit.sources.registry import find_source
from catflap.audit.text.data import find, string, strings
from catflap.audit.text.documents import gathered
from catflap.audit.text.lines import broken, glue, line_places, mentions
from catflap.audit.text.nodes import faults, roots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.passage import Passage
    from catflap.audit.text.data import Value
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_SHELLS = re.compile(r"%%(?:bash|sh|shell|script[ \t]+(?:--\w+[ \t]+)*\S*sh)\b[^\n]*\n")
# What IPython hands to a shell: ``!socat ...``, ``out = !socat ...``, ``%sx socat ...``.
_ESCAPED = re.compile(r"[ \t]*(?:[A-Za-z_]\w*[ \t]*=[ \t]*)?(?:!!?|%s[xc][ \t]|%system[ \t])[ \t]*")


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a notebook's cells; what they put out is none."""
    if not mentions(passage.text):
        return Reading(())
    tree = grammar.parse("json", passage)
    problems = [
        broken(passage, start, end, "this is no JSON; the rest of the file was read")
        for start, end in faults(tree)
    ]
    readings = [reading for root in roots(tree) for reading in _cells(root, surroundings, path)]
    reading = gathered(readings)
    return Reading(reading.commands, (*problems, *reading.problems))


def _cells(root: Value, surroundings: Surroundings, path: str) -> Iterator[Reading]:
    about = find(root, "metadata")
    kernel = find(about, "kernelspec") if about is not None else None
    kind = "shell" if string(kernel, "language") in {"bash", "sh"} else "python"
    cells = find(root, "cells")
    for cell in cells.items() if cells is not None and cells.is_list else []:
        parts = [each.passage for each in strings(find(cell, "source")) if each.passage is not None]
        if not parts:
            continue
        source = glue(parts)
        if not mentions(source.text):
            continue
        if string(cell, "cell_type") != "code":
            yield _as("markdown", source, surroundings, path)
        else:
            yield from _code(source, kind, surroundings, path)


def _code(source: Passage, kind: str, surroundings: Surroundings, path: str) -> Iterator[Reading]:
    shell = _SHELLS.match(source.text)
    if shell is not None or kind == "shell":
        start = shell.end() if shell is not None else 0
        yield _as("shell", source.part(start, len(source)), surroundings, path)
        return
    rest: list[Passage] = []
    for start, end in line_places(source.text):
        escaped = _ESCAPED.match(source.text, start, end)
        if escaped is None:
            rest.append(source.part(start, min(end + 1, len(source))))
        else:
            yield _as("shell", source.part(escaped.end(), end), surroundings, path)
    if rest:
        yield _as(kind, glue(rest), surroundings, path)


def _as(kind: str, passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    source = find_source(kind)
    return source.read(passage, surroundings, path) if source is not None else Reading(())
