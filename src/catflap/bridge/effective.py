"""A value and where it came from, so that a rule and an opener never disagree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from catflap.core.spans import Span

__all__ = ("Dialect", "Effective", "Origin", "default", "said", "unknown")

T = TypeVar("T")


class Dialect(StrEnum):
    """Whose defaults hold."""

    CATFLAP = "catflap"
    SOCAT = "socat"


class Origin(Enum):
    """Where an effective value came from."""

    SAID = "said"
    DEFAULT = "default"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Effective(Generic[T]):
    """A value, its origin, and the place that said it."""

    value: T
    origin: Origin
    span: Span | None = None

    @property
    def is_said(self) -> bool:
        """Whether the address spells it out."""
        return self.origin is Origin.SAID

    @property
    def is_unknown(self) -> bool:
        """Whether a variable or template hides it; ``value`` is then the dialect's default."""
        return self.origin is Origin.UNKNOWN


def said(value: T, span: Span | None = None) -> Effective[T]:
    """Return a value that the address spells out."""
    return Effective(value, Origin.SAID, span)


def default(value: T) -> Effective[T]:
    """Return a value that the dialect supplies."""
    return Effective(value, Origin.DEFAULT)


def unknown(value: T, span: Span | None = None) -> Effective[T]:
    """Return a default in the place of a value that nobody knows yet."""
    return Effective(value, Origin.UNKNOWN, span)
