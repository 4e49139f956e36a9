"""The payload on the standard error, when somebody asks for it by name (-v, -x of socat)."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime

__all__ = ("PayloadTap",)

_STDERR = 2
_WIDTH = 16
_SHOWN = {9: "\\t", 10: "\\n\n", 13: "\\r", 92: "\\\\"}


class PayloadTap:
    """Writes what passes, both ways, as text or as hexadecimal.

    Args:
        form: ``text`` or ``hex``.
    """

    def __init__(self, form: str) -> None:
        """Count from 0 in each direction."""
        self._render = _hex if form == "hex" else _text
        self._at = {">": 0, "<": 0}

    def forward(self, data: bytes) -> None:
        """Show bytes that go to the second address."""
        self._show(">", data)

    def backward(self, data: bytes) -> None:
        """Show bytes that go to the first address."""
        self._show("<", data)

    def _show(self, mark: str, data: bytes) -> None:
        start = self._at[mark]
        self._at[mark] = start + len(data)
        now = datetime.now().astimezone()
        place = f"length={len(data)} from={start} to={start + len(data) - 1}"
        head = f"{mark} {now:%Y/%m/%d %H:%M:%S.%f}  {place}\n"
        text = head + self._render(data)
        # What passes must not suffer from who looks on: a pipe that broke, a disk that is full.
        with contextlib.suppress(OSError):
            os.write(_STDERR, text.encode("ascii", "backslashreplace"))


def _text(data: bytes) -> str:
    shown = "".join(_SHOWN.get(byte) or (chr(byte) if 32 <= byte < 127 else ".") for byte in data)
    return shown if shown.endswith("\n") else shown + "\n"


def _hex(data: bytes) -> str:
    lines = []
    for start in range(0, len(data), _WIDTH):
        row = data[start : start + _WIDTH]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f" {row.hex(' '):<{3 * _WIDTH}} {letters}\n")
    return "".join(lines)
