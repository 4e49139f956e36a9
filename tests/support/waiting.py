"""Waiting for something to become true, with a deadline and without sleeping in tests."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("eventually",)

T = TypeVar("T")
_PAUSE = 0.01


def eventually(check: Callable[[], T], seconds: float = 10.0, what: str = "") -> T:
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
