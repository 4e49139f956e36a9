"""``-D``: every open descriptor, a line each, on the standard error."""

from __future__ import annotations

import fcntl
import os
import stat

from catflap.dropin.log import write_whole

__all__ = ("describe_descriptors",)

_STDERR = 2
_TYPES = {
    stat.S_IFCHR: "chrdev",
    stat.S_IFBLK: "blkdev",
    stat.S_IFREG: "file",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFDIR: "dir",
    stat.S_IFLNK: "symlink",
}


def describe_descriptors() -> None:
    """Write the table."""
    lines = ["  FD  type\tdevice\tinode\tmode\tlinks\tuid\tgid\tsize\tcloexec\tflags"]
    for name in sorted(os.listdir("/proc/self/fd"), key=int):
        line = _line(int(name))
        if line:
            lines.append(line)
    write_whole(_STDERR, ("\n".join(lines) + "\n").encode())


def _line(descriptor: int) -> str:
    try:
        found = os.fstat(descriptor)
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        cloexec = fcntl.fcntl(descriptor, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    except OSError:
        # It was the one that listed the directory.
        return ""
    kind = _TYPES.get(stat.S_IFMT(found.st_mode), "other")
    device = f"{os.major(found.st_dev)},{os.minor(found.st_dev)}"
    return (
        f"{descriptor:4}: {kind}\t{device}\t{found.st_ino}\t0{found.st_mode:o}\t{found.st_nlink}\t"
        f"{found.st_uid}\t{found.st_gid}\t{found.st_size}\t{cloexec}\tx{flags:06x}"
    )
