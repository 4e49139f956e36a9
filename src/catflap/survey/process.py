"""What a process is and may do: identity, rights, limits, namespaces (proc(5))."""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass

from catflap.core.errors import OperationError

__all__ = ("ProcessFacts", "process_facts")

_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
_SECCOMP = {"0": "off", "1": "strict", "2": "filter"}
_CAPABILITIES = (
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
)
"""In the order of linux/capability.h."""


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One process.

    Args:
        facts: name and value, in the order in which a person wants them.
        limits: soft and hard, by the kernel's names.
        namespaces: the kernel's number of each.
    """

    pid: int
    facts: dict[str, str]
    limits: dict[str, tuple[str, str]]
    namespaces: dict[str, str]


def process_facts(pid: int | None = None) -> ProcessFacts:
    """Return what is known of a process, this one when no number is given.

    Raises:
        OperationError: there is none.
    """
    number = pid if pid is not None else os.getpid()
    folder = f"/proc/{number}"
    try:
        with open(f"{folder}/status", encoding="utf-8", errors="replace") as file:
            status = {
                key: value.strip() for key, _, value in (line.partition(":") for line in file)
            }
    except OSError:
        message = f"there is no process {number}"
        raise OperationError(message) from None
    return ProcessFacts(number, _facts(folder, status), _limits(folder), _namespaces(folder))


def _facts(folder: str, status: dict[str, str]) -> dict[str, str]:
    session, group, terminal = _stat(folder)
    facts = {
        "program": status.get("Name", ""),
        "command": _command(folder),
        "state": status.get("State", ""),
        "parent": status.get("PPid", ""),
        "process group": group,
        "session": session,
        "terminal": terminal,
        "user": _names(status.get("Uid", ""), _user),
        "group": _names(status.get("Gid", ""), _group),
        "further groups": " ".join(_group(each) for each in status.get("Groups", "").split()),
        "umask": status.get("Umask", ""),
        "directory": _link(f"{folder}/cwd"),
        "root": _link(f"{folder}/root"),
        "executable": _link(f"{folder}/exe"),
        "capabilities": _capabilities(status.get("CapEff", "0")),
        "bounding set": _capabilities(status.get("CapBnd", "0")),
        "no new privileges": "yes" if status.get("NoNewPrivs") == "1" else "no",
        "seccomp": _SECCOMP.get(status.get("Seccomp", ""), ""),
        "threads": status.get("Threads", ""),
        "ignored signals": status.get("SigIgn", ""),
        "blocked signals": status.get("SigBlk", ""),
    }
    return {name: value for name, value in facts.items() if value}


def _stat(folder: str) -> tuple[str, str, str]:
    """Return session, process group and controlling terminal (proc(5), stat)."""
    try:
        with open(f"{folder}/stat", encoding="utf-8", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
    except OSError:
        return "", "", ""
    device = int(words[4])
    if not device:
        return words[3], words[2], "none"
    major, minor = os.major(device), os.minor(device)
    name = f"/dev/pts/{minor}" if 136 <= major <= 143 else f"device {major}:{minor}"
    return words[3], words[2], name


def _command(folder: str) -> str:
    try:
        with open(f"{folder}/cmdline", "rb") as file:
            words = file.read().rstrip(b"\0").split(b"\0")
    except OSError:
        return ""
    return " ".join(word.decode(errors="backslashreplace") for word in words)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return "may not be looked at"


def _user(number: str) -> str:
    try:
        return f"{number}({pwd.getpwuid(int(number)).pw_name})"
    except KeyError:
        return number


def _group(number: str) -> str:
    try:
        return f"{number}({grp.getgrgid(int(number)).gr_name})"
    except KeyError:
        return number


def _names(numbers: str, name: object) -> str:
    """Return real, effective, saved and filesystem identity, once where all are the same."""
    words = numbers.split()
    told = [name(word) for word in words]  # type: ignore[operator]
    if len(set(told)) <= 1:
        return told[0] if told else ""
    return ", ".join(
        f"{kind} {each}"
        for kind, each in zip(("real", "effective", "saved", "files"), told, strict=False)
    )


def _capabilities(mask: str) -> str:
    bits = int(mask or "0", 16)
    names = [name for bit, name in enumerate(_CAPABILITIES) if bits >> bit & 1]
    if not names:
        return "none"
    return "all" if len(names) == len(_CAPABILITIES) else " ".join(names)


def _limits(folder: str) -> dict[str, tuple[str, str]]:
    found = {}
    try:
        with open(f"{folder}/limits", encoding="ascii", errors="replace") as file:
            next(file, None)
            for line in file:
                found[line[:26].strip().lower()] = (line[26:47].strip(), line[47:68].strip())
    except OSError:
        return {}
    return found


def _namespaces(folder: str) -> dict[str, str]:
    found = {}
    for name in _NAMESPACES:
        try:
            found[name] = os.readlink(f"{folder}/ns/{name}").partition("[")[2].rstrip("]")
        except OSError:
            continue
    return found
