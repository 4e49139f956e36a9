"""Writes what a command made: to the terminal, or into a file, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys

from catflap.core.errors import OperationError
from catflap.core.spans import printable

__all__ = ("forget_output", "write_file", "write_out")


def forget_output() -> None:
    """Let the standard output go nowhere, once it took nothing more.

    What is left in its buffer would be tried again when the process ends, and fail once more.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def write_out(text: str) -> None:
    """Write a text to the standard output as UTF-8, whatever the locale says."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def write_file(path: str, text: str) -> None:
    """Write a text into a file that others see either as it was or as it will be.

    What is no regular file (``/dev/stderr``, a pipe) is written to as it is.

    Raises:
        OperationError: it cannot be written; what stood there before is unharmed.
    """
    data = text.encode("utf-8", "replace")
    try:
        target = os.path.realpath(path)
        if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            with open(path, "wb") as file:
                file.write(data)
        else:
            _replace(target, data)
    except OSError as error:
        message = f"{printable(path)} cannot be written: {error.strerror or error}"
        raise OperationError(message) from None


def _replace(target: str, data: bytes) -> None:
    # Imported when a file is written: most reports go to the terminal.
    import tempfile

    directory, name = os.path.split(target)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=directory)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), _mode(target))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mode(target: str) -> int:
    """Return the mode of what stands there, else what the umask leaves of a new file's."""
    if os.path.exists(target):
        return stat.S_IMODE(os.stat(target).st_mode)
    umask = os.umask(0o077)
    os.umask(umask)
    return 0o666 & ~umask
