"""The two clocks, so that only one module reads them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

__all__ = ("monotonic", "now", "utc")

monotonic = time.monotonic
"""Seconds that never run backwards, for durations and deadlines."""

now = time.time
"""Seconds since 1970-01-01 UTC, for timestamps and certificate validity."""


def utc(seconds: float) -> str:
    """Return ``seconds`` since the epoch as RFC 3339 in UTC with milliseconds."""
    stamp = datetime.fromtimestamp(seconds, UTC)
    return f"{stamp:%Y-%m-%dT%H:%M:%S}.{stamp.microsecond // 1000:03d}Z"
