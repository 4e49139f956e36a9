"""The file of lines typed before: one a line, the oldest first, as history(3) has them."""

from __future__ import annotations

import os
import stat

from catflap.core.errors import OperationError

__all__ = ("read_history", "write_history")

_PRIVATE = 0o600


def read_history(path: str) -> list[str]:
    """Return the lines of a history file; none if there is no such file yet.

    Raises:
        OperationError: it cannot be read.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"the history {path} cannot be read: {error.strerror}"
        raise OperationError(message) from error


def write_history(path: str, lines: list[str]) -> None:
    """Write the file anew, for its owner alone: what people type can be secret.

    Raises:
        OperationError: it cannot be written, or is somebody else's.
    """
    # Non-blocking, so that a FIFO in its place cannot hold us.
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags, _PRIVATE)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.fchmod(descriptor, _PRIVATE)
                os.ftruncate(descriptor, 0)
            text = "".join(f"{line}\n" for line in lines)
            _write_all(descriptor, text.encode("utf-8", "surrogateescape"))
        finally:
            os.close(descriptor)
    except OSError as error:
        message = f"the history {path} cannot be written: {error.strerror}"
        raise OperationError(message) from error


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
