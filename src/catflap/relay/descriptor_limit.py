"""The soft limit of open files: raised for the relay, given back to its children.

A program that finds a million allowed descriptors may close every one of them at start, or size a
table by them, so a child gets the limit that its user set.
"""

from __future__ import annotations

import contextlib
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("as_it_was", "raise_descriptor_limit")

_NOFILE = resource.RLIMIT_NOFILE
_before: list[tuple[int, int]] = []
"""The limits of this process before they were raised; at most one entry."""


def raise_descriptor_limit() -> None:
    """Raise the soft limit to the hard one, and remember what it was."""
    soft, hard = resource.getrlimit(_NOFILE)
    if not _before:
        _before.append((soft, hard))
    if soft < hard:
        resource.setrlimit(_NOFILE, (hard, hard))


@contextlib.contextmanager
def as_it_was() -> Iterator[None]:
    """Have the limit that we were started with, for one synchronous call that starts a child."""
    if not _before:
        yield
        return
    now = resource.getrlimit(_NOFILE)
    resource.setrlimit(_NOFILE, (min(_before[0][0], now[1]), now[1]))
    try:
        yield
    finally:
        resource.setrlimit(_NOFILE, now)
