"""Waiting for something to become true, with a deadline and without sleeping in tests."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("PATIENCE", "eventually")

T = TypeVar("T")
_PAUSE = 0.01

PATIENCE = 45.0
"""Seconds to wait for what must come: machines stall, and less than a minute is what else would be wrong."""


def eventually(check: Callable[[], T], seconds: float = PATIENCE, what: str = "") -> T:
    """Return the first true answer of ``check``, which is asked again and again.

    Raises:
        AssertionError: there was none within the time.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() >= deadline:
            message = f"{what or 'it'} did not come true within {seconds:g} s"
            raise AssertionError(message)
        pause.wait(_PAUSE)
