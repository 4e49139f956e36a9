"""What a process has open: files, pipes, terminals, sockets and their ends (proc(5))."""

from __future__ import annotations

import os
import re
import socket
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Descriptor", "descriptors_of")

_ACCESS = {os.O_RDONLY: "read", os.O_WRONLY: "write", os.O_RDWR: "read-write"}
_FLAGS = {
    "append": os.O_APPEND,
    "nonblock": os.O_NONBLOCK,
    "direct": os.O_DIRECT,
    "dsync": os.O_DSYNC,
    "noatime": os.O_NOATIME,
    "path": os.O_PATH,
    "cloexec": os.O_CLOEXEC,
}
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_TABLES = ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6")
_STATES = {
    1: "established", 2: "syn-sent", 3: "syn-received", 4: "fin-wait-1", 5: "fin-wait-2",
    6: "time-wait", 7: "closed", 8: "close-wait", 9: "last-ack", 10: "listening", 11: "closing",
}  # fmt: skip
_UNIX_TYPES = {1: "stream", 2: "datagram", 5: "seqpacket"}
_LISTENS = 0x10000
"""__SO_ACCEPTCON in the flags of /proc/net/unix."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One open descriptor.

    Args:
        kind: ``file``, ``directory``, ``pipe``, ``socket``, ``terminal``, ``device`` or what the
            kernel calls it.
        name: a path, the two ends of a socket, or the kernel's name.
        access: ``read``, ``write`` or ``read-write``.
        flags: of fcntl(2), by their names in the address language.
        details: what else is known, by name.
    """

    number: int
    kind: str
    name: str
    access: str = ""
    flags: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)


def descriptors_of(pid: int | None = None) -> list[Descriptor]:
    """Return the open descriptors of a process, this one's when no number is given.

    Raises:
        OperationError: there is no such process, or it is somebody else's.
    """
    folder = f"/proc/{pid if pid is not None else 'self'}"
    try:
        numbers = sorted(int(name) for name in os.listdir(f"{folder}/fd"))
    except FileNotFoundError:
        message = f"there is no process {pid}"
        raise OperationError(message) from None
    except PermissionError:
        message = f"the descriptors of process {pid} may not be looked at"
        raise OperationError(message, "its own user may, and root") from None
    sockets = _sockets(folder)
    found = []
    for number in numbers:
        descriptor = _look(folder, number, sockets)
        if descriptor is not None:
            found.append(descriptor)
    return found


def _look(
    folder: str, number: int, sockets: dict[str, tuple[str, dict[str, str]]]
) -> Descriptor | None:
    try:
        name = os.readlink(f"{folder}/fd/{number}")
        status = os.stat(f"{folder}/fd/{number}")
    except OSError:
        return None  # closed meanwhile, such as the directory that listed it
    position, flags = _info(folder, number)
    details = {"position": position} if stat.S_ISREG(status.st_mode) else {}
    kind = _kind(status.st_mode, name)
    match = _SOCKET.fullmatch(name)
    if match is not None:
        kind = "socket"
        name, details = sockets.get(match[1], (name, {}))
    elif stat.S_ISREG(status.st_mode):
        details["size"] = str(status.st_size)
    access = _ACCESS.get(flags & os.O_ACCMODE, "")
    names = tuple(word for word, flag in _FLAGS.items() if flags & flag == flag)
    return Descriptor(number, kind, name, access, names, details)


def _kind(mode: int, name: str) -> str:
    if stat.S_ISCHR(mode):
        is_terminal = name.startswith(("/dev/pts/", "/dev/tty")) or name == "/dev/console"
        return "terminal" if is_terminal else "device"
    for test, word in (
        (stat.S_ISREG, "file"),
        (stat.S_ISDIR, "directory"),
        (stat.S_ISFIFO, "pipe"),
        (stat.S_ISBLK, "block device"),
        (stat.S_ISSOCK, "socket"),
    ):
        if test(mode):
            return word
    return name.removeprefix("anon_inode:").strip("[]")


def _info(folder: str, number: int) -> tuple[str, int]:
    try:
        with open(f"{folder}/fdinfo/{number}", encoding="ascii", errors="replace") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
    except OSError:
        return "", 0
    return lines.get("pos", "").strip(), int(lines.get("flags", "0").strip() or "0", 8)


def _sockets(folder: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the sockets of the process's network, by inode: name and details."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for table in _TABLES:
        for line in _lines(f"{folder}/net/{table}"):
            words = line.split()
            local, remote = _address(words[1]), _address(words[2])
            details = {"protocol": table.rstrip("6"), "state": _STATES.get(int(words[3], 16), "")}
            if not table.startswith("tcp"):
                del details["state"]
            has_peer = not remote.endswith(":0")
            found[words[9]] = (f"{local} -> {remote}" if has_peer else local, details)
    for line in _lines(f"{folder}/net/unix"):
        words = line.split(maxsplit=7)
        details = {"protocol": "unix", "type": _UNIX_TYPES.get(int(words[4], 16), words[4])}
        if int(words[3], 16) & _LISTENS:
            details["state"] = "listening"
        found[words[6]] = (words[7].strip() if len(words) > 7 else "unnamed", details)
    for line in _lines(f"{folder}/net/packet"):
        words = line.split()
        found[words[8]] = (f"interface {words[4]}", {"protocol": "packet"})
    return found


def _lines(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as file:
            next(file, None)
            yield from file
    except OSError:
        return  # a kernel without this protocol


def _address(text: str) -> str:
    """Return ``127.0.0.1:80`` from the kernel's hexadecimal words in its own byte order."""
    host, _, port = text.partition(":")
    raw = b"".join(
        int(host[at : at + 8], 16).to_bytes(4, "little") for at in range(0, len(host), 8)
    )
    if len(raw) == 4:
        return f"{socket.inet_ntop(socket.AF_INET, raw)}:{int(port, 16)}"
    return f"[{socket.inet_ntop(socket.AF_INET6, raw)}]:{int(port, 16)}"
