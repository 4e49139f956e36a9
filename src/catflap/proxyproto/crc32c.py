"""CRC-32C (Castagnoli; RFC 4960, appendix B), which the standard library lacks."""

from __future__ import annotations

__all__ = ("crc32c",)

_POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41, bits reversed


def _table() -> tuple[int, ...]:
    entries = []
    for number in range(256):
        value = number
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        entries.append(value)
    return tuple(entries)


_TABLE = _table()


def crc32c(data: bytes) -> int:
    """Return the checksum of ``data`` as a number of 32 bits."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF
