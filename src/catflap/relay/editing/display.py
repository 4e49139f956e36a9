"""What a line looks like on a terminal, and the bytes that turn one look into the next.

Only backspace, blanks and the characters themselves are used, which every terminal understands.
A line that is too long for its row is shown in part: a row never wraps, so the way back is known.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ("LineDisplay", "width_of")

_FEWEST_COLUMNS: Final = 10
_BACK: Final = "\b"
_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")


def width_of(text: str) -> int:
    """Return how many columns a text takes; control sequences take none."""
    return sum(_columns(each) for each in _SEQUENCE.sub("", text))


def _back(text: str) -> str:
    return _BACK * width_of(text)


def _columns(character: str) -> int:
    if not character.isprintable() and character != " " and ord(character) < 0xD800:
        return 0
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _shown(character: str) -> str:
    """Return a typed character as it is shown: ``^A`` for a control character."""
    code = ord(character)
    if code < 32 or code == 127:
        return f"^{chr(code ^ 64)}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return character


class LineDisplay:
    """The cells behind a prompt: what stands in them, and where the cursor is."""

    __slots__ = ("_at", "_cells")

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._cells = ""
        self._at = 0

    def forget(self) -> None:
        """Take the screen as it is: what comes next begins a new row."""
        self._cells = ""
        self._at = 0

    def draw(self, text: list[str], cursor: int, columns: int) -> str:
        """Return what to write so that the line is shown.

        Args:
            text: its characters.
            cursor: how many stand before it.
            columns: of the row, behind the prompt.
        """
        before, cells = self._window(text, cursor, max(columns - 1, _FEWEST_COLUMNS))
        old, at = self._cells, self._at
        if cells == old:
            return self._move(before)
        same = 0
        while same < min(len(cells), len(old)) and cells[same] == old[same]:
            same += 1
        start = min(same, at)
        blank = max(0, width_of(old) - width_of(cells))
        behind = width_of(cells[before:]) + blank
        self._cells, self._at = cells, before
        return f"{_back(old[start:at])}{cells[start:]}{' ' * blank}{_BACK * behind}"

    def erase(self) -> str:
        """Return what to write so that nothing of the line is left."""
        width, at = width_of(self._cells), width_of(self._cells[: self._at])
        self.forget()
        return f"{_BACK * at}{' ' * width}{_BACK * width}"

    def _move(self, before: int) -> str:
        old, self._at = self._at, before
        if before < old:
            return _back(self._cells[before:old])
        return self._cells[old:before]

    @staticmethod
    def _window(text: list[str], cursor: int, columns: int) -> tuple[int, str]:
        """Return the part of the line that fits, and how much of it stands before the cursor."""
        shown = [_shown(each) for each in text]
        start = 0
        while start < cursor and width_of("".join(shown[start:cursor])) > columns:
            start += max(1, columns // 2)
        start = min(start, cursor)
        before = "".join(shown[start:cursor])
        cells = before
        for each in shown[cursor:]:
            if width_of(cells + each) > columns:
                break
            cells += each
        return len(before), cells
