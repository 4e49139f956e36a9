"""Text as wide as the terminal of who reads it."""

from __future__ import annotations

import shutil
import textwrap

__all__ = ("wrapped",)

_WIDEST = 92
_NARROWEST = 40


def wrapped(text: str, start: str) -> str:
    """Return lines no wider than the terminal, or than one likes to read; words stay whole.

    Args:
        text: one paragraph.
        start: stands before the first line; the others are indented by as much.
    """
    columns = shutil.get_terminal_size((_WIDEST, 0)).columns
    return textwrap.fill(
        text,
        min(_WIDEST, max(_NARROWEST, columns)),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
