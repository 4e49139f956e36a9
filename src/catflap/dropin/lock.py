"""Lock files of ``-L`` and ``-W``: a file with our process number, made at once or not at all."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("ENDING_SIGNALS", "LockFile")

ENDING_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""What is held back while a lock is held and nobody would remove it."""

_AGAIN_SECONDS = 1.0
_MODE = 0o644


class LockFile:
    """Exists while we run.

    Args:
        path: where it is.
    """

    def __init__(self, path: str) -> None:
        """Prepare; nothing is made yet."""
        self._path = path
        self._held = False

    def take(self, *, waits: bool, tell: Callable[[str], None]) -> None:
        """Make the file; when another has it, fail or try again each second.

        Args:
            waits: whether to try again.
            tell: hears once that another has it.

        Raises:
            OperationError: another holds it, or it cannot be made.
        """
        told = False
        while True:
            # From here to the handlers a signal waits, so that it leaves no file behind.
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
            if self._tried():
                return
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)
            if not waits:
                message = f'could not obtain lock "{self._path}"'
                raise OperationError(message)
            if not told:
                told = True
                tell(f'waiting for lock "{self._path}"')
            time.sleep(_AGAIN_SECONDS)

    def _tried(self) -> bool:
        """Make the file unless there is one; it has its content from the first moment on."""
        made = f"{self._path}.{os.getpid()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(made, flags, _MODE)
            try:
                os.write(descriptor, f"{os.getpid()}\n".encode())
                os.fchmod(descriptor, _MODE)
            finally:
                os.close(descriptor)
            try:
                os.link(made, self._path)
            except FileExistsError:
                return False
            finally:
                os.unlink(made)
        except OSError as error:
            message = f'could not obtain lock "{self._path}": {error.strerror}'
            raise OperationError(message) from error
        self._held = True
        return True

    def release(self) -> None:
        """Remove the file if it is ours."""
        if self._held:
            self._held = False
            with contextlib.suppress(OSError):
                os.unlink(self._path)
