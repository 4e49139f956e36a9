"""Descriptors 0, 1 and 2 are never free for something else to take."""

from __future__ import annotations

import os

__all__ = ("occupy_standard_descriptors",)

_WRONG_WAY = (os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)


def occupy_standard_descriptors() -> None:
    """Put /dev/null where a standard descriptor is closed.

    Else a socket would get its number, and a stray line of text would go to a peer. It is opened
    the wrong way round, so that a bridge that wants to use it fails instead of seeing an end.
    """
    for number, flags in enumerate(_WRONG_WAY):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
