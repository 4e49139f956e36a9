"""The single words before the addresses: which there are, and which were given."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from catflap.bridge.effective import Effective, default, said, unknown

if TYPE_CHECKING:
    from catflap.address.model import Word
    from catflap.core.spans import Span

__all__ = ("NO_FLAGS", "FlagRow", "FlagValue", "Flags", "GivenFlag", "read_seconds")


class FlagValue(Enum):
    """What follows a flag's letters."""

    NONE = "nothing"
    LEVEL = "letters or a digit of its own"
    OPTIONAL = "text, attached only"
    TEXT = "text"
    SIZE = "a number of bytes"
    MASK = "a number, each bit a signal"
    SECONDS = "seconds"

    @property
    def required(self) -> bool:
        """Whether a value must follow, attached or as the next word."""
        return self in {FlagValue.TEXT, FlagValue.SIZE, FlagValue.MASK, FlagValue.SECONDS}


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag of a program.

    Args:
        name: as it is written, the dash included.
        help: one line.
        placeholder: what stands for its value in help.
    """

    name: str
    help: str
    value: FlagValue = FlagValue.NONE
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class GivenFlag:
    """A flag that somebody wrote.

    Args:
        value: what follows its letters, attached or as a word of its own; ``None`` without.
        span: the flag and its value.
    """

    row: FlagRow
    value: Word | None
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of one command, in the order of writing.

    Args:
        complete: whether these are all; a variable in front of the addresses may hide more.
    """

    given: tuple[GivenFlag, ...] = ()
    complete: bool = True

    def last(self, *names: str) -> GivenFlag | None:
        """Return the last flag of these names: the one that counts."""
        return next((flag for flag in reversed(self.given) if flag.row.name in names), None)

    def has(self, *names: str) -> bool:
        """Whether one of these flags was given."""
        return self.last(*names) is not None

    def text(self, name: str, otherwise: str = "") -> Effective[str]:
        """Return the text that follows a flag."""
        flag = self.last(name)
        if flag is None:
            return default(otherwise)
        if flag.value is not None and not flag.value.known:
            return unknown(otherwise, flag.span)
        return said(flag.value.text if flag.value is not None else "", flag.span)

    def seconds(self, name: str, otherwise: float | None = None) -> Effective[float | None]:
        """Return a duration; what is no number counts as unknown."""
        found = self.text(name)
        if not found.is_said:
            return Effective(otherwise, found.origin, found.span)
        number = read_seconds(found.value)
        return unknown(otherwise, found.span) if number is None else said(number, found.span)


NO_FLAGS = Flags()


def read_seconds(text: str) -> float | None:
    """Return what strtod(3) makes of a whole text, or ``None``: no garbage, no infinity."""
    try:
        number = float.fromhex(text) if "0x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and "_" not in text else None
