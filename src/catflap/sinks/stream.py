"""Events to a descriptor: the standard error, or a file that is only ever appended to."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catflap.events.model import Event

__all__ = ("LineLock", "LogFile", "StreamSink", "open_log_file")

_LOOKS_EVERY_SECONDS = 1.0


def open_log_file(path: str) -> int:
    """Open a log file for appending, mode 0640, never through a symbolic link.

    Raises:
        OperationError: it cannot be opened.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NOCTTY
    try:
        return os.open(path, flags, 0o640)
    except OSError as error:
        message = f"the log file {path} cannot be opened: {error.strerror}"
        raise OperationError(message) from error


class LogFile:
    """A log file that others may rename or remove: what comes after that goes into a new one.

    So it can be rotated by renaming alone. Where no new file can be made, by rights that were
    given up or behind ``chroot=``, the old one is written on.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        """Open it.

        Raises:
            OperationError: it cannot be opened.
        """
        self._path = os.path.abspath(path)
        self.descriptor = open_log_file(path)
        self._folder = _identity(os.path.dirname(self._path))
        self._looked = time.monotonic()

    def refresh(self) -> None:
        """Go on with a new file, if the path does not lead to ours; it is asked once a second."""
        now = time.monotonic()
        if now - self._looked < _LOOKS_EVERY_SECONDS:
            return
        self._looked = now
        status = os.fstat(self.descriptor)
        if _identity(self._path) == (status.st_dev, status.st_ino):
            return
        if self._folder is None or _identity(os.path.dirname(self._path)) != self._folder:
            return
        try:
            fresh = open_log_file(self._path)
        except OperationError:
            return
        # The number stays: others know it.
        os.dup2(fresh, self.descriptor, inheritable=False)
        os.close(fresh)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class LineLock:
    """Lets several processes write whole lines into one place.

    The lock is one of fcntl(2) on an anonymous file: it belongs to a process, and the kernel gives
    it on when that process dies, however it dies.
    """

    def __init__(self) -> None:
        """Make the file; processes that are forked later share it.

        Raises:
            OperationError: the machine gives no memory.
        """
        try:
            self._descriptor = os.memfd_create("catflap-log", os.MFD_CLOEXEC)
        except OSError as error:
            raise OperationError(f"no memory for a lock: {error.strerror}") from error

    def __enter__(self) -> None:
        """Wait until no other process writes."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        """Let others write."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN)


class StreamSink:
    """Writes one line an event, many lines a system call."""

    def __init__(
        self,
        descriptor: int,
        formatter: Callable[[Event], bytes],
        *,
        closes: bool = False,
        lock: LineLock | None = None,
        file: LogFile | None = None,
    ) -> None:
        """Write to ``descriptor``; close it in the end when ``closes``.

        Args:
            descriptor: where to.
            formatter: makes a line of an event.
            closes: whether the descriptor is ours.
            lock: of all processes that write there.
            file: which the descriptor belongs to, where it does.
        """
        self._lock = lock
        self._file = file
        self._descriptor = descriptor
        self._formatter = formatter
        self._closes = closes
        self._rest = b""

    def write(self, events: Sequence[Event]) -> None:
        """Write all events; those that a full disk kept back are finished first the next time."""
        if not self._rest:
            if self._file is not None:
                self._file.refresh()
            self._rest = b"".join(map(self._formatter, events))
        if self._lock is None:
            self._write()
            return
        with self._lock:
            self._write()

    def _write(self) -> None:
        while self._rest:
            written = os.write(self._descriptor, self._rest)
            self._rest = self._rest[written:]

    def close(self) -> None:
        """Close the descriptor when it is ours."""
        if self._closes:
            os.close(self._descriptor)
