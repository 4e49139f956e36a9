"""``lockfile`` and ``waitlock``: a file with our process number that keeps others away."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("LOCK_FILE_OPTIONS", "LockFile")

LOCK_FILE_OPTIONS = frozenset({"lockfile", "waitlock"})
_AGAIN_SECONDS = 0.1
_MODE = 0o644


class LockFile:
    """Held from :meth:`take` to :meth:`release`; removed only while it is the one we made.

    Args:
        side: the address whose options name it.
    """

    __slots__ = ("_made", "_path", "_waits")

    def __init__(self, side: Side) -> None:
        """Read the options; nothing is made yet."""
        self._waits = side.last("waitlock") is not None
        self._path = side.text("waitlock" if self._waits else "lockfile").value
        self._made: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        """Whether a lock file is asked for."""
        return bool(self._path)

    async def take(self) -> None:
        """Make the file; while another process keeps it, wait or fail as the option says.

        Raises:
            OperationError: it is there already, or cannot be made.
        """
        while not self._try():
            if not self._waits:
                message = f"the lock file {self._path} is there: somebody else is at work"
                raise OperationError(message, "waitlock waits; remove it if nobody is")
            await asyncio.sleep(_AGAIN_SECONDS)

    def _try(self) -> bool:
        """Make the file unless there is one; it has its content from its first moment on."""
        made = f"{self._path}.{os.getpid()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(made, flags, _MODE)
            try:
                os.write(descriptor, f"{os.getpid()}\n".encode())
                found = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            try:
                os.link(made, self._path)
            except FileExistsError:
                return False
            finally:
                os.unlink(made)
        except OSError as error:
            message = f"the lock file {self._path} cannot be made: {error.strerror}"
            raise OperationError(message) from error
        self._made = (found.st_dev, found.st_ino)
        return True

    def release(self) -> None:
        """Remove the file if it is ours; a second call does nothing."""
        made, self._made = self._made, None
        if made is None:
            return
        with contextlib.suppress(OSError):
            found = os.lstat(self._path)
            if (found.st_dev, found.st_ino) == made:
                os.unlink(self._path)
