"""Pipes for splice(2), pooled, and taken only while bytes flow.

The kernel gives an ordinary user 16,384 pages of pipe buffers (pipe(7),
/proc/sys/fs/pipe-user-pages-soft: 64 MiB) before new pipes shrink to one or two pages. So at most
24 pipes grow to 1 MiB, later ones to 256 KiB, and where a pipe stays below 64 KiB the flow copies.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass

__all__ = ("Pipe", "PipePool")

_LARGE = 1024 * 1024
_SMALL = 256 * 1024
_USEFUL = 64 * 1024
_MOST_LARGE = 24
_MOST_IDLE = 16


@dataclass(slots=True)
class Pipe:
    """Two descriptors and how many bytes fit between them."""

    read: int
    write: int
    capacity: int

    def close(self) -> None:
        """Close both ends."""
        os.close(self.read)
        os.close(self.write)


class PipePool:
    """Lends pipes to flows that move much."""

    def __init__(self, *, most_large: int = _MOST_LARGE, most_idle: int = _MOST_IDLE) -> None:
        """Start with none."""
        self._idle: list[Pipe] = []
        self._large = 0
        self._most_large = most_large
        self._most_idle = most_idle
        self._exhausted = False

    def take(self) -> Pipe | None:
        """Return a pipe, or ``None`` when the machine gives none worth having."""
        if self._idle:
            return self._idle.pop()
        if self._exhausted:
            return None
        try:
            read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        capacity = self._grow(write)
        if capacity < _USEFUL:
            os.close(read)
            os.close(write)
            self._exhausted = True
            return None
        return Pipe(read, write, capacity)

    def _grow(self, descriptor: int) -> int:
        wanted = _LARGE if self._large < self._most_large else _SMALL
        for size in (wanted, _SMALL):
            with contextlib.suppress(OSError):
                got = fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, size)
                if got >= _LARGE:
                    self._large += 1
                return got
        return fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)

    def give_back(self, pipe: Pipe, *, empty: bool) -> None:
        """Take a pipe back; one that still holds bytes is closed, never lent again."""
        if empty and len(self._idle) < self._most_idle:
            self._idle.append(pipe)
            return
        if pipe.capacity >= _LARGE:
            self._large -= 1
        self._exhausted = False
        pipe.close()

    def close(self) -> None:
        """Close all idle pipes."""
        while self._idle:
            self._idle.pop().close()
