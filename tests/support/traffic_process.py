"""What a process uses, as the kernel tells it."""

from __future__ import annotations

import os
import resource
from pathlib import Path

__all__ = ("cpu_seconds", "descriptors", "proportional_kib", "raise_own_limit", "resident_kib")

_TICKS = os.sysconf("SC_CLK_TCK")


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def proportional_kib(pid: int) -> int:
    """Return the proportional set size in KiB (proc(5), smaps_rollup)."""
    return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def resident_kib(pid: int) -> int:
    """Return the resident set size in KiB."""
    return _field(Path(f"/proc/{pid}/status"), "VmRSS:")


def _field(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    message = f"{path} has no {name}"
    raise AssertionError(message)


def cpu_seconds(pid: int) -> float:
    """Return the time that a process has spent on a processor, its own and the kernel's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def raise_own_limit(wanted: int) -> None:
    """Let this process have so many descriptors.

    Raises:
        AssertionError: the hard limit is lower.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    assert hard == resource.RLIM_INFINITY or hard >= wanted, f"the hard limit is {hard}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
