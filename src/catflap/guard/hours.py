"""Whether the door is open at a moment, as hours of the week say."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from catflap.bridge.policy import OpenHours

__all__ = ("is_open",)

_DAY = 24 * 60


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def is_open(hours: Iterable[OpenHours], now: float) -> bool:
    """Return whether any stretch holds the moment.

    Args:
        hours: by the wall clock of their zone, so that they follow its summer time.
        now: seconds since the epoch.
    """
    moment = datetime.fromtimestamp(now, UTC)
    return any(_holds(stretch, moment) for stretch in hours)


def _holds(stretch: OpenHours, moment: datetime) -> bool:
    local = moment.astimezone(_zone(stretch.zone))
    minute = local.hour * 60 + local.minute
    today = local.weekday()
    if stretch.start < stretch.end:
        return today in stretch.days and stretch.start <= minute < stretch.end
    yesterday = (today - 1) % 7
    late = today in stretch.days and minute >= stretch.start
    return late or (yesterday in stretch.days and minute < stretch.end)
