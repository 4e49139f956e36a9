"""Which files a git repository keeps, from its index.

The file is read here and git is not started: a repository's own configuration can make git run
programs (core.fsmonitor), and an audit must not run what it looks at. The format is that of
gitformat-index(5), versions 2 to 4.
"""

from __future__ import annotations

import os
import struct
from functools import lru_cache

__all__ = ("is_tracked", "paths_in_index")

_SIGNATURE = b"DIRC"
_LARGEST = 256 * 1024 * 1024
_FIXED = 62
_EXTENDED = 0x4000
_VERSIONS = frozenset({2, 3, 4})


def is_tracked(path: str, root: str) -> bool:
    """Whether the repository at ``root`` keeps the file; both paths are absolute."""
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return os.fsencode(relative) in _index(root)


@lru_cache(maxsize=4)
def _index(root: str) -> frozenset[bytes]:
    try:
        with open(os.path.join(_git_directory(root), "index"), "rb") as file:
            return paths_in_index(file.read(_LARGEST))
    except OSError:
        return frozenset()


def _git_directory(root: str) -> str:
    """Return the directory of the index; in a worktree ``.git`` is a file that names it."""
    path = os.path.join(root, ".git")
    if os.path.isdir(path):
        return path
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        line = file.readline(4096)
    return os.path.join(root, line.removeprefix("gitdir:").strip())


def paths_in_index(data: bytes) -> frozenset[bytes]:
    """Return the paths in an index; a broken one gives those before the place."""
    if len(data) < 12 or data[:4] != _SIGNATURE:
        return frozenset()
    version, count = struct.unpack(">II", data[4:12])
    if version not in _VERSIONS:
        return frozenset()
    found: set[bytes] = set()
    at, path = 12, b""
    for _ in range(count):
        name = at + _FIXED
        if name > len(data):
            break
        flags = int.from_bytes(data[name - 2 : name], "big")
        if flags & _EXTENDED and version >= 3:
            name += 2
        if version == 4:
            taken, name = _variable(data, name)
            path = path[: max(len(path) - taken, 0)]
        end = data.find(b"\0", name)
        if end < 0:
            break
        path = path + data[name:end] if version == 4 else data[name:end]
        found.add(path)
        # Entries of the older versions are filled up to eight bytes, with at least one NUL.
        at = end + 1 if version == 4 else at + ((end - at + 8) & ~7)
    return frozenset(found)


def _variable(data: bytes, at: int) -> tuple[int, int]:
    """Return a number in git's variable width, and the place after it."""
    value = 0
    for offset in range(10):
        if at + offset >= len(data):
            break
        byte = data[at + offset]
        value = (value << 7) | (byte & 0x7F)
        if not byte & 0x80:
            return value, at + offset + 1
        value += 1
    return 0, len(data)
