"""The relays that run on this machine now, from /proc (proc(5))."""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.decode import decode
from catflap.audit.detect import holds_word
from catflap.core.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Running", "running")

_LONGEST = 4 * 1024 * 1024
_CONTAINERS = re.compile(r"docker|containerd|kubepods|libpod|crio|/lxc|garden|buildkit|machine-")
_INIT = 1


@dataclass(frozen=True, slots=True)
class Running:
    """A process whose command line holds the word.

    Args:
        pid: its number.
        data: its words, each ended by NUL.
        surroundings: where it runs.
        root: what it takes for ``/``, seen from here.
        directory: its working directory, seen from here.
    """

    pid: int
    data: bytes
    surroundings: Surroundings
    root: str
    directory: str


def running(proc: str = "/proc") -> Iterator[Running]:
    """Yield the processes that may be read, by their numbers; this one is not among them.

    A process that ends meanwhile is passed by.
    """
    host = _namespace(proc, _INIT, "net") or _namespace(proc, os.getpid(), "net")
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdigit()):
        if pid == os.getpid():
            continue
        data = _read(f"{proc}/{pid}/cmdline")
        if data and holds_word(data):
            yield Running(
                pid,
                data,
                _surroundings(proc, pid, host),
                f"{proc}/{pid}/root",
                f"{proc}/{pid}/cwd",
            )


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LONGEST)
    except OSError:
        return b""


def _namespace(proc: str, pid: int, name: str) -> str:
    """Return the name of a namespace (namespaces(7)), or nothing when it may not be read."""
    try:
        return os.readlink(f"{proc}/{pid}/ns/{name}")
    except OSError:
        return ""


def _surroundings(proc: str, pid: int, host: str) -> Surroundings:
    network = _namespace(proc, pid, "net")
    apart = bool(network and host and network != host)
    groups = decode(_read(f"{proc}/{pid}/cgroup")).text
    contained = _CONTAINERS.search(groups) is not None
    return Surroundings(
        user=_user(proc, pid),
        container=contained and apart,
        host_network=contained and not apart,
        # A network namespace alone keeps its ports from the host's networks, as a container's.
        elsewhere=apart and not contained,
    )


def _user(proc: str, pid: int) -> str:
    """Return the account whose rights the process has (the effective uid)."""
    status = decode(_read(f"{proc}/{pid}/status")).text
    found = re.search(r"^Uid:\s+\d+\s+(\d+)", status, re.MULTILINE)
    if found is None:
        return ""
    try:
        return pwd.getpwuid(int(found[1])).pw_name
    except (KeyError, OverflowError):
        return found[1]
