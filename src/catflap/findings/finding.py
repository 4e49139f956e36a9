"""A finding: which rule, how bad, how sure, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.core.spans import Span

__all__ = ("Confidence", "Finding", "Severity")


class Severity(IntEnum):
    """How bad, as docs/design.md defines it."""

    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    def __str__(self) -> str:
        """Return the word in lower case."""
        return self.name.lower()


class Confidence(IntEnum):
    """How sure; an unknown value lowers this, never the severity."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    def __str__(self) -> str:
        """Return the word in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One root cause.

    Args:
        rule: the slug of the rule.
        message: what is the case here, one line.
        source: the text that ``span`` points into.
        mend: the smallest change that satisfies the rule.
        notes: what else follows from the same cause.
    """

    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    source: str
    span: Span
    mend: str = ""
    notes: tuple[str, ...] = ()
