"""Regular expressions as programs in C know them: regcomp(3), extended.

Not Python's: its matching can take exponential time, and what is matched comes from the far side.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Final

from catflap.core.errors import OperationError

__all__ = ("PosixRegex",)

_EXTENDED: Final = 1
_NO_PLACES: Final = 8
_ROOM: Final = 512
"""Bytes for a regex_t, which has 64 in glibc and less in musl."""


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)


class PosixRegex:
    """A compiled expression; it lives as long as the process."""

    __slots__ = ("_compiled",)

    def __init__(self, pattern: str) -> None:
        """Compile.

        Raises:
            OperationError: it is no extended regular expression of POSIX.
        """
        self._compiled = ctypes.create_string_buffer(_ROOM)
        coded = pattern.encode("utf-8", "surrogateescape")
        code = _library().regcomp(self._compiled, coded, _EXTENDED | _NO_PLACES)
        if code:
            reason = ctypes.create_string_buffer(_ROOM)
            _library().regerror(code, self._compiled, reason, ctypes.c_size_t(_ROOM))
            words = reason.value.decode("utf-8", "replace")
            message = f"{pattern} is no extended regular expression: {words}"
            raise OperationError(message, "see regex(7)")

    def matches(self, text: bytes) -> bool:
        """Whether it matches anywhere; a null byte ends the text, as in C."""
        return not _library().regexec(self._compiled, text, ctypes.c_size_t(0), None, 0)
