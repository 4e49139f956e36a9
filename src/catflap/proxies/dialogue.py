"""A dialogue as a generator: it yields what to send and how much to read, and gets what came.

So that nothing that follows the dialogue is ever read, every read says exactly where it ends.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

__all__ = ("Dialogue", "Line", "ProxyRefusedError", "Read", "Send")

T = TypeVar("T")


class ProxyRefusedError(ValueError):
    """The proxy said no, or something that cannot be understood; the message says which."""


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes to send; they may hold a password, so they do not show."""

    data: bytes

    def __repr__(self) -> str:
        """Return the length alone."""
        return f"Send({len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class Read:
    """Exactly so many bytes are wanted."""

    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """Bytes up to and with a line feed are wanted, at most so many."""

    longest: int


Dialogue = Generator[Send | Read | Line, bytes, T]
"""Yields steps, is sent what a read brought (nothing after a send), returns its outcome."""
