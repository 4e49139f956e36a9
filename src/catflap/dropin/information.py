"""Writes what the program says about itself: its version, its help."""

from __future__ import annotations

import os

from catflap.dropin.log import Grade, LogSettings, SocatLog

__all__ = ("tell",)

_STDOUT = 1


def tell(text: str, program: str) -> int:
    """Write to the standard output; return the exit status.

    Past Python's buffer, which would be tried once more at the end and fail aloud.

    Args:
        text: what is said.
        program: its name, for the log.
    """
    left = text.encode()
    try:
        while left:
            left = left[os.write(_STDOUT, left) :]
    except OSError as error:
        log = SocatLog(LogSettings(program=program))
        log.write(Grade.ERROR, f"write({_STDOUT}, ...): {error.strerror}")
        return 1
    return 0
