"""Puts fixed bytes in the place of a file: whole or not at all, mode and owner kept."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile

from catflap.core.errors import OperationError
from catflap.core.spans import printable

__all__ = ("replace_file",)

_NO_ATTRIBUTES = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


def replace_file(path: str, before: bytes, after: bytes) -> None:
    """Replace what a file holds; a symbolic link stays one, what it points at is replaced.

    The new bytes are on the disk before the old ones are gone, so that a full disk or a crash
    loses nothing.

    Args:
        path: the file.
        before: what it must still hold; what somebody else wrote meanwhile is never lost.
        after: what it is to hold.

    Raises:
        OperationError: it cannot be replaced; then it is as it was.
    """
    shown = printable(path)
    try:
        target = os.path.realpath(path, strict=True)
        status = os.stat(target)
        if not stat.S_ISREG(status.st_mode):
            raise OperationError(f"{shown} is no file, and stays as it is")
        if status.st_nlink > 1:
            message = f"{shown} has {status.st_nlink} hard links, which replacing it would part"
            raise OperationError(message, "apply the diff by hand: catflap fix FILE | patch -p1")
        if not os.access(target, os.W_OK):
            raise OperationError(f"{shown} is read-only, and stays as it is")
        _replace(target, status, before, after, shown)
    except OSError as error:
        raise OperationError(f"{shown} cannot be written: {error.strerror or error}") from None


def _replace(target: str, status: os.stat_result, before: bytes, after: bytes, shown: str) -> None:
    directory, name = os.path.split(target)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=directory)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
            file.flush()
            _take_over(file.fileno(), target, status)
            os.fsync(file.fileno())
        with open(target, "rb") as old:
            if old.read() != before:
                raise OperationError(f"{shown} was changed meanwhile, and stays as it is")
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _take_over(descriptor: int, target: str, status: os.stat_result) -> None:
    """Give the new file owner, extended attributes (access lists among them) and mode.

    The mode comes last: a change of the owner takes set-user-ID away.
    """
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    for name in _attributes(target):
        os.setxattr(descriptor, name, os.getxattr(target, name))
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _attributes(target: str) -> list[str]:
    try:
        return os.listxattr(target)
    except OSError as error:
        if error.errno in _NO_ATTRIBUTES:
            return []
        raise
