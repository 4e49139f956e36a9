"""Blocks of HCL, as Terraform and Nomad write containers: fields in any order, one a line.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Structural Elements".
"""

from __future__ import annotations

import re

__all__ = ("lists_beside",)

_IMAGE = re.compile(r"image[ \t]*=[ \t]*\"\Z")
_LIST = re.compile(r"^[ \t]*(args|command|cmd)[ \t]*=[ \t]*\[\s*(?=\")", re.MULTILINE)
_WINDOW = 2000


def lists_beside(text: str, at: int) -> list[int]:
    """Return the places of the first strings of a container's lists, the program's first.

    Args:
        text: the file's.
        at: where the name of the image begins; what stands before tells whether it is one.
    """
    if not _IMAGE.search(text, max(0, at - 60), at):
        return []
    start, end = _opening(text, at), _closing(text, at)
    found = sorted(_LIST.finditer(text, start, end), key=lambda each: each[1] == "args")
    return [each.end() for each in found]


def _opening(text: str, at: int) -> int:
    """Return the place after the brace that opens the block around a place."""
    depth = 0
    for place in range(at - 1, max(0, at - _WINDOW), -1):
        depth += (text[place] == "}") - (text[place] == "{")
        if depth < 0:
            return place + 1
    return max(0, at - _WINDOW)


def _closing(text: str, at: int) -> int:
    """Return the place of the brace that closes the block around a place."""
    depth = 0
    for place in range(at, min(len(text), at + _WINDOW)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth < 0:
            return place
    return min(len(text), at + _WINDOW)
