"""Sees from /proc that a server is ready, without connecting: some serve one connection only.

A socket counts only if the server's process holds it: another program of this machine may have
the same port. A name of a UNIX socket appears before the socket listens; only the latter counts.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.waiting import eventually

if TYPE_CHECKING:
    import subprocess

__all__ = ("await_ready", "is_ready")

_LISTENS = "0A"
_ACCEPTS = 0x10000
_DATAGRAM = "0002"
_TABLES = {
    "tcp": ("tcp", "tcp6"),
    "tcp6": ("tcp6",),
    "udp": ("udp", "udp6"),
    "udplite": ("udplite", "udplite6"),
}


def await_ready(
    process: subprocess.Popen[bytes], how: str, port: int = 0, path: Path | None = None
) -> None:
    """Wait until a process waits for its first client; arguments as of :func:`is_ready`.

    Raises:
        AssertionError: it does not, or has ended.
    """

    def settled() -> bool:
        ready = is_ready(how, process.pid, port, path or Path("/nonexistent"))
        return ready or process.poll() is not None

    eventually(settled, what=f"{process.args} being ready")
    assert process.poll() is None, f"{process.args} has ended"


def is_ready(how: str, pid: int, port: int, path: Path) -> bool:
    """Whether the process waits for its first client.

    Args:
        how: ``tcp``, ``tcp6``, ``udp``, ``udplite``, ``sctp``, ``file`` or ``abstract``.
        pid: the server.
        port: what it listens on.
        path: its file, for ``file``: a UNIX socket's, or the link of a terminal.
    """
    if how == "sctp":
        return _holds_sctp(port)
    held = _sockets_of(pid)
    if how == "abstract":
        return _waits_at(f"@catflap-{port}", held)
    if how == "file":
        try:
            is_socket = stat.S_ISSOCK(path.stat().st_mode)
        except OSError:
            return False
        return not is_socket or _waits_at(str(path), held)
    return any(_holds(table, port, held) for table in _TABLES[how])


def _sockets_of(pid: int) -> set[str]:
    """Return the inodes of the process's sockets (proc(5), /proc/pid/fd)."""
    held = set()
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                held.add(Path(entry.path).readlink().name)
    return {name[8:-1] for name in held if name.startswith("socket:[")}


def _rows(table: str) -> list[list[str]]:
    try:
        # Whoever makes a UNIX socket chooses the bytes of its name.
        text = Path(f"/proc/net/{table}").read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return []
    return [line.split() for line in text.split("\n")[1:-1]]


def _holds(table: str, port: int, held: set[str]) -> bool:
    """Whether one of the sockets is bound to the port, and listens if it is TCP's."""
    wanted = f":{port:04X}"
    return any(
        words[1].endswith(wanted)
        and words[9] in held
        and (not table.startswith("tcp") or words[3] == _LISTENS)
        for words in _rows(table)
    )


def _waits_at(name: str, held: set[str]) -> bool:
    """Whether one of the sockets has this name, and listens if it has connections."""
    return any(
        words[7:] == [name]
        and words[6] in held
        and (words[4] == _DATAGRAM or int(words[3], 16) & _ACCEPTS)
        for words in _rows("unix")
    )


def _holds_sctp(port: int) -> bool:
    try:
        return f" {port} " in Path("/proc/net/sctp/eps").read_text()
    except FileNotFoundError:
        return False
