"""What the interpreter did meanwhile: sockets, programs, files for writing (PEP 578)."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("watched",)

_ACTS = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.symlink",
        "os.system",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
    }
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_watchers: list[list[str]] = []
_installed: list[bool] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _watchers:
        return
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & _WRITES
        if not writes or "__pycache__" in str(path):
            return
    elif event not in _ACTS:
        return
    for watcher in _watchers:
        watcher.append(f"{event} {arguments}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """Yield a list of what is opened, connected, started or written, which grows meanwhile."""
    if not _installed:
        # A hook cannot be taken away again; without watchers it costs a comparison.
        sys.addaudithook(_hook)
        _installed.append(True)
    acts: list[str] = []
    _watchers.append(acts)
    try:
        yield acts
    finally:
        _watchers.remove(acts)
