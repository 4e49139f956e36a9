"""Code between backticks within a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("code_spans",)

_RUN = re.compile(r"`+")


def code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Give the places between equal runs of backticks (CommonMark, section 6.1)."""
    runs = list(_RUN.finditer(text))
    following: dict[int, int] = {}
    closes: list[int | None] = [None] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        width = len(runs[number][0])
        closes[number] = following.get(width)
        following[width] = number
    number = 0
    while number < len(runs):
        close = closes[number]
        if close is None:
            number += 1
            continue
        yield runs[number].end(), runs[close].start()
        number = close + 1
