"""Numbers with units, read the same way wherever a person writes them."""

from __future__ import annotations

import re

__all__ = (
    "account_number",
    "bytes_text",
    "duration_text",
    "parse_duration",
    "parse_integer",
    "parse_size",
)

_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m|h|d)?", re.IGNORECASE | re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kMG]i?)?B?)(?:/s)?", re.ASCII)
_FACTORS = {"k": 1000, "M": 1000**2, "G": 1000**3, "ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")


def parse_duration(text: str) -> float:
    """Return seconds from ``90``, ``1.5``, ``500ms``, ``2m``, ``1h``.

    Raises:
        ValueError: the text is none of these, or more than a hundred years.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    seconds = float(match[1]) * _SECONDS[(match[2] or "s").lower()]
    if seconds > 100 * 366 * 86400:
        raise ValueError(text)
    return seconds


def parse_size(text: str) -> int:
    """Return bytes, or bytes a second, from ``500``, ``64kB``, ``10MiB``, ``1.5 MB/s``.

    Raises:
        ValueError: anything else.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return int(float(match[1]) * _FACTORS.get(match[2] or "", 1))


def parse_integer(text: str) -> int:
    """Return an integer as strtol(3) with base 0 does: decimal, ``0x`` or leading-0 octal.

    Raises:
        ValueError: anything else, trailing characters included.
    """
    if _INTEGER.fullmatch(text) is None:
        raise ValueError(text)
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    if digits[:2] in {"0x", "0X"}:
        return sign * int(digits, 16)
    return sign * int(digits, 8 if digits[0] == "0" else 10)


def account_number(text: str) -> int | None:
    """Return the number that stands for a user or a group; ``None`` for a name."""
    if not text[:1].isdigit():
        return None
    try:
        return parse_integer(text)
    except ValueError:
        return None


def duration_text(seconds: float) -> str:
    """Return a short text for a duration: ``42us``, ``3.1ms``, ``2.5s``, ``4m10s``, ``1h01m``."""
    if seconds < 0.000_999_5:
        return f"{max(seconds, 0.0) * 1e6:.0f}us"
    if seconds < 0.999_95:
        return f"{seconds * 1e3:.1f}ms"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"


def bytes_text(count: int) -> str:
    """Return a byte count with a binary unit: ``512 B``, ``1.5 KiB``, ``3.0 GiB``."""
    if count < 1024:
        return f"{count} B"
    size = float(count)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        size /= 1024
        if size < 1023.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} PiB"
