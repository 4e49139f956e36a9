"""Files that TLS needs, read whole or not at all."""

from __future__ import annotations

import os
import stat

from catflap.core.errors import OperationError
from catflap.core.reading import read_bounded

__all__ = ("leads_nowhere", "read_file", "signature_of")


def read_file(path: str, what: str, most: int) -> bytes:
    """Return what a file holds.

    Args:
        path: the file.
        what: names it in the error: ``the certificate file``.
        most: bytes. A larger file is an error: half of a list of authorities, or of revoked
            certificates, would be a wrong one.

    Raises:
        OperationError: it cannot be read, or is larger.
    """
    try:
        data = read_bounded(path, most)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{what} {path} cannot be read: {reason}"
        raise OperationError(message) from error
    if len(data) > most:
        message = f"{what} {path} is larger than {most // 1024**2} MiB"
        raise OperationError(message, "is it the right file?")
    return data


def signature_of(path: str) -> tuple[object, ...]:
    """Return what differs once a file, or a file in a directory, has become another one.

    Links are followed, so a secret that is exchanged by renaming a link above it has changed too.
    A path that leads nowhere has a signature of its own.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            return _mark(status)
        names = sorted(name for name in os.listdir(path) if not name.startswith("."))
    except (OSError, ValueError) as error:
        return (type(error).__name__,)
    entries: list[object] = [_mark(status)]
    for name in names:
        try:
            entries.append((name, _mark(os.stat(os.path.join(path, name)))))
        except OSError as error:
            entries.append((name, type(error).__name__))
    return tuple(entries)


def leads_nowhere(signature: tuple[object, ...]) -> bool:
    """Return whether a signature is that of a path where nothing could be seen."""
    return len(signature) == 1 and isinstance(signature[0], str)


def _mark(status: os.stat_result) -> tuple[int, ...]:
    """Who may read it counts as well: the gate asks for that."""
    own = (status.st_mode, status.st_uid, status.st_gid)
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, *own)
