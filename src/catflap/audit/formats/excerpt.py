"""The source of a finding as a terminal shows it, with marks under the exact place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.core.spans import columns, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.report import Located

__all__ = ("Row", "rows")

_TAB = 4
_GAP = "..."
_NARROWEST = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the source.

    Args:
        number: its number, 0 for lines that are left out.
        text: what is shown of it, printable.
        before: columns up to the first mark.
        marked: columns that are marked.
    """

    number: int
    text: str
    before: int = 0
    marked: int = 0


@dataclass(frozen=True, slots=True)
class _Cell:
    """A character as it is shown, and the columns that it takes."""

    text: str
    width: int


def rows(found: Located, widest: int) -> Iterator[Row]:
    """Yield the lines of a finding's excerpt.

    Tabs become spaces, and what would move the cursor is escaped; the marks stand under what is
    shown, however wide. Of a long line the part around the place is shown.

    Args:
        found: the finding.
        widest: columns that a line may take.
    """
    widest = max(widest, _NARROWEST)
    number = found.excerpt_line
    for number, line in enumerate(found.excerpt, found.excerpt_line):
        cells = _cells(line)
        first, last = _marked(found, number, line)
        yield _row(number, cells, first, last, widest)
    if found.excerpt and found.place.end_line > number:
        yield Row(0, _GAP)


def _marked(found: Located, number: int, line: str) -> tuple[int, int]:
    """Return the range of characters of a line that belong to the place."""
    place = found.place
    if not place.line <= number <= place.end_line:
        return 0, 0
    first = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
    last = place.end_column - 1 if number == place.end_line else len(line.rstrip())
    if number == place.line:
        # Even what is empty, or stands behind what is shown of a line, has a mark.
        first = min(first, len(line))
        return first, max(last, first + 1)
    return first, max(last, first)


def _cells(line: str) -> list[_Cell]:
    made: list[_Cell] = []
    at = 0
    for char in line:
        if char == "\t":
            width = _TAB - at % _TAB
            made.append(_Cell(" " * width, width))
        else:
            shown = printable(char)
            width = columns(shown)
            made.append(_Cell(shown, width))
        at += width
    return made


def _row(number: int, cells: Sequence[_Cell], first: int, last: int, widest: int) -> Row:
    start, end = _window(cells, first, last, widest)
    lead = _GAP if start else ""
    trail = _GAP if end < len(cells) else ""
    text = "".join(cell.text for cell in cells[start:end])
    before = len(lead) + _width(cells[start : max(first, start)])
    marked = _width(cells[first : min(last, end)])
    if last > first:
        marked = max(marked, 1)
    return Row(number, f"{lead}{text}{trail}".rstrip(), before, marked)


def _window(cells: Sequence[_Cell], first: int, last: int, widest: int) -> tuple[int, int]:
    """Return the part of a line that is shown: all of it, or what is around the marks."""
    if _width(cells) <= widest:
        return 0, len(cells)
    room = widest - 2 * len(_GAP)
    start = min(first, len(cells))
    # The whole mark if it fits, and then some of what stands before it.
    wanted = _width(cells[start : min(last, len(cells))])
    lead = min(room // 3, max(room - wanted, 0))
    while start > 0 and lead >= cells[start - 1].width:
        start -= 1
        lead -= cells[start].width
    end = start
    while end < len(cells) and room >= cells[end].width:
        room -= cells[end].width
        end += 1
    return start, end


def _width(cells: Sequence[_Cell]) -> int:
    return sum(cell.width for cell in cells)
