"""Reading a file that somebody else names, without waiting or reading for ever.

A service reads files between two connections. A FIFO that nobody writes into would stop it in
open(2), a device that never ends would fill its memory.
"""

from __future__ import annotations

import errno
import os
import select
import stat

__all__ = ("read_bounded",)

_PIECE = 1 << 20
_WRITER_SECONDS = 2.0


def read_bounded(path: str | os.PathLike[str], most: int) -> bytes:
    """Return what a file holds, but no more than one byte beyond ``most``.

    A pipe will do, such as the shell's ``<(command)``; its writer has two seconds for each piece.

    Raises:
        OSError: it cannot be read, is neither a file nor a pipe, or its writer says nothing.
        ValueError: there is a NUL in the path.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
            raise OSError(errno.EINVAL, "it is neither a file nor a pipe")
        data = bytearray()
        while len(data) <= most:
            piece = _read(descriptor, min(_PIECE, most + 1 - len(data)))
            if not piece:
                break
            data += piece
        return bytes(data)
    finally:
        os.close(descriptor)


def _read(descriptor: int, size: int) -> bytes:
    try:
        return os.read(descriptor, size)
    except BlockingIOError:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(_WRITER_SECONDS * 1000):
            message = "who writes into this pipe says nothing"
            raise OSError(errno.ETIMEDOUT, message) from None
        return os.read(descriptor, size)
