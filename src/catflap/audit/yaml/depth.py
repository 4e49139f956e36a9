"""How deep a stream of YAML is nested, told before the grammar sees it."""

from __future__ import annotations

import re

__all__ = ("DEEPEST", "too_deep")

DEEPEST = 100
"""Levels that are read. The grammar's scanner keeps its levels in a kilobyte (tree-sitter's
``TREE_SITTER_SERIALIZATION_BUFFER_SIZE``) and writes past its end at about 250 of them."""

_HEAD = re.compile(r"([ \t]*)((?:[-?:][ \t]+)*)(?:[-?:](?=\r?$))?", re.MULTILINE)

_RUN = re.compile(rf"[ \t?:-]{{{DEEPEST}}}")


def too_deep(text: str) -> bool:
    """Whether a text may nest blocks deeper than `DEEPEST`."""
    # Every level begins in a column of its own, so the deepest of so many has a long head.
    if _RUN.search(text) is None:
        return False
    columns: list[int] = []
    at = 0
    while at < len(text):
        head = _HEAD.match(text, at)
        after = text.find("\n", at)
        after = len(text) if after < 0 else after
        if head is not None and head.end(1) < after and text[head.end(1)] != "#":
            column = head.end(1) - at
            while columns and columns[-1] >= column:
                columns.pop()
            columns.append(column)
            columns.extend(column + 1 + number for number in range(len(head[2].split())))
            if len(columns) > DEEPEST:
                return True
        at = after + 1
    return False
