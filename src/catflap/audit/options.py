"""What an audit is asked for, besides what it looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catflap.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from catflap.findings.finding import Severity

__all__ = ("Options", "today")


@dataclass(frozen=True, slots=True)
class Options:
    """How each file is read and judged.

    Args:
        kind: read everything as this kind.
        ignores: whether comments suppress.
        severities: by rule, what the settings make of it; ``None`` turns it off.
        today: the day for which comments hold.
        root: the directory that fingerprints name files from, absolute.
        look: whether certificates and keys beside the file are looked at.
        largest: bytes of the largest file that is read.
    """

    today: date
    kind: str = ""
    ignores: bool = True
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    root: str = ""
    look: bool = True
    largest: int = 8 * 1024 * 1024


def today() -> date:
    """Return the day, in UTC."""
    return datetime.fromtimestamp(clock.now(), UTC).date()
