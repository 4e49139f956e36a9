"""Opens a file without waiting for anybody, and reads it when it is worth it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.decode import is_binary
from catflap.audit.detect import holds_word
from catflap.core.units import bytes_text

if TYPE_CHECKING:
    from catflap.audit.tree import Found

__all__ = ("LARGEST", "Loaded", "load", "read_limited")

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest file that is read."""

_FIRST = 65536
_SEARCHED = 64 * 1024 * 1024
_OVERLAP = 64


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of opening a file.

    Args:
        data: its bytes when it holds the word, else nothing.
        trouble: why it was not read, where somebody should know.
        unreadable: whether the machine said no.
        once: whether it cannot be read again.
    """

    data: bytes = b""
    trouble: str = ""
    unreadable: bool = False
    once: bool = False


def load(found: Found, largest: int = LARGEST, *, vector: bool = False) -> Loaded:
    """Return a file's bytes when the name of a relay stands in them.

    Devices, sockets and FIFOs are never read from; a named pipe that is given on the command
    line (``<(...)`` of a shell) is.

    Args:
        found: the file.
        largest: how many bytes it may have.
        vector: whether NUL bytes are what ends its words; so it is where the kernel's name for
            such a file stands (``/proc/PID/cmdline``, and copies of it).
    """
    vector = vector or os.path.basename(found.path) == "cmdline"
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY
    flags |= 0 if found.given else os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        if found.given and not _may_be_opened(found.file):
            return Loaded(trouble="neither a file nor a directory", unreadable=True)
        descriptor = os.open(found.file, flags)
    except (OSError, ValueError) as error:
        return Loaded(trouble=_reason(error), unreadable=True)
    try:
        return _load(descriptor, largest, given=found.given, vector=vector)
    except OSError as error:
        return Loaded(trouble=_reason(error), unreadable=True)
    finally:
        os.close(descriptor)


def read_limited(descriptor: int, limit: int) -> bytes:
    """Return what can be read until the end, at most ``limit`` bytes.

    Raises:
        OSError: reading failed.
    """
    parts: list[bytes] = []
    left = limit
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _may_be_opened(path: str) -> bool:
    mode = os.stat(path).st_mode
    return stat.S_ISREG(mode) or stat.S_ISFIFO(mode)


def _load(descriptor: int, largest: int, *, given: bool, vector: bool) -> Loaded:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        if not given:
            return Loaded()
        data = read_limited(descriptor, largest + 1)
        return _too_large(largest) if len(data) > largest else Loaded(data, once=True)
    if status.st_size > largest:
        return _search(descriptor, largest, given=given)
    data = os.read(descriptor, _FIRST)
    if is_binary(data) and not vector:
        return Loaded(trouble="a binary file, not read" if given else "")
    if len(data) == _FIRST:
        # What grew meanwhile is read up to the limit.
        data += read_limited(descriptor, largest - _FIRST)
    return Loaded(data) if given or holds_word(data) else Loaded()


def _search(descriptor: int, largest: int, *, given: bool) -> Loaded:
    """Tell a large file when it holds the word; its beginning shows whether it is text."""
    first = data = os.read(descriptor, 1 << 20)
    if is_binary(first):
        return Loaded(trouble="a binary file, not read" if given else "")
    searched = len(data)
    while data:
        if holds_word(data):
            return _too_large(largest)
        if searched >= _SEARCHED:
            return Loaded(trouble=f"only its first {bytes_text(_SEARCHED)} were searched")
        part = os.read(descriptor, 1 << 20)
        searched += len(part)
        data = data[-_OVERLAP:] + part if part else b""
    return _too_large(largest) if given else Loaded()


def _too_large(largest: int) -> Loaded:
    return Loaded(trouble=f"larger than {bytes_text(largest)}, not read")


def _reason(error: OSError | ValueError) -> str:
    said = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot be read: {said or error}"
