"""Tables of cron: those of users, and the system's with a user in each line (crontab(5))."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.command import Reading
from catflap.audit.passage import Passage
from catflap.audit.sources import shell
from catflap.audit.text.lines import LONGEST, between, broken, glue, line_places, mentions
from catflap.audit.text.templates import jinja

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.command import Command
    from catflap.core.spans import Problem
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_FIELD = r"[0-9A-Za-z*/,~?#LW-]+"
_SCHEDULE = re.compile(
    rf"[ \t]*(?!#)(?:@(?:[a-z]+|every[ \t]+\S+)|{_FIELD}(?:[ \t]+{_FIELD}){{4}})[ \t]+"
)
_VARIABLE = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_USER = re.compile(r"(-?[a-z_][a-z0-9_.-]*\$?)[ \t]+")
_PROGRAM_NEXT = re.compile(r"(?:/|\.|[\w-]*(?:socat|catflap)\b|[A-Z_]+=|\()")
_STARTERS = frozenset(
    [
        "sudo",
        "doas",
        "exec",
        "nohup",
        "env",
        "setsid",
        "timeout",
        "nice",
        "ionice",
        "flock",
        "chronic",
        "sh",
        "bash",
        "dash",
        "ash",
        "zsh",
        "test",
        "cd",
        "sleep",
        "time",
        "command",
        "logger",
        "echo",
        "export",
        "pgrep",
        "pidof",
        "pkill",
        "if",
        "while",
        "for",
        "until",
        "socat",
        "catflap",
        "ssh",
        "su",
        "runuser",
        "docker",
        "podman",
        "systemd-run",
        "screen",
        "tmux",
        "chroot",
        "unshare",
        "nsenter",
    ]
)
_RELAYS = frozenset({"socat", "catflap"})
_HEADER = re.compile(r"(?m)^#.*\buser(?:-?name)?[ \t]+command\b")
_PERCENT = re.compile(r"\\%|%")


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a table; lines that are none of cron's are left out."""
    if not mentions(passage.text):
        return Reading(())
    slashed = "/" + path.replace("\\", "/")
    owner = re.search(r"/crontabs/([^/]+)\Z", slashed)
    if owner is not None:
        surroundings = replace(surroundings, user=owner[1])
    has_user = slashed.endswith("/etc/crontab") or "/cron.d/" in slashed
    has_user = has_user or _HEADER.search(passage.text) is not None
    found: list[Command] = []
    problems: list[Problem] = []
    variables: dict[str, Passage] = {}
    for start, end in line_places(passage.text):
        # The table's own rules are looked at on one line, whatever it holds.
        line = passage.part(start, end)
        schedule = _SCHEDULE.match(line.text)
        if end - start > LONGEST:
            problems.append(broken(passage, start, start, "this line is too long to be a command"))
            continue
        if schedule is None:
            _remember(line, variables)
            continue
        if not mentions(line.text) and not any(mentions(v.text) for v in variables.values()):
            continue
        for part, around in _entry(line, schedule.end(), surroundings, has_user=has_user):
            reading = shell.read(_with_variables(part, variables), around, path)
            found.extend(reading.commands)
            problems.extend(reading.problems)
    return Reading(tuple(found), tuple(problems))


def _entry(
    line: Passage, at: int, surroundings: Surroundings, *, has_user: bool
) -> Iterator[tuple[Passage, Surroundings]]:
    """Give the command of a line, and where it runs."""
    user = _USER.match(line.text, at)
    if user is not None and user[1] in _RELAYS:
        # The column of a system's table was forgotten; no account has such a name.
        user = None
    if user is not None and (has_user or _looks_like_user(user[1], line.text, user.end())):
        surroundings = replace(surroundings, user=user[1])
        at = user.end()
    command = jinja(line.part(at, len(line.text)))
    parts: list[Passage] = []
    at = 0
    for percent in _PERCENT.finditer(command.text):
        parts.append(command.part(at, percent.start()))
        if percent[0] == "%":
            # What follows is the command's standard input.
            yield glue(parts), surroundings
            return
        parts.append(between(command, "%", percent.start(), percent.end()))
        at = percent.end()
    parts.append(command.part(at, len(command.text)))
    yield glue(parts), surroundings


def _looks_like_user(name: str, text: str, after: int) -> bool:
    """Whether the first word of a command is rather the account that runs it."""
    if name in _STARTERS:
        return False
    following = text[after:].split(maxsplit=1)
    if not following:
        return False
    return name == "root" or following[0] in _STARTERS or bool(_PROGRAM_NEXT.match(following[0]))


def _remember(line: Passage, variables: dict[str, Passage]) -> None:
    found = _VARIABLE.match(line.text)
    if found is None:
        return
    start, end = found.end(), len(line.text.rstrip())
    if end - start >= 2 and line.text[start] == line.text[end - 1] and line.text[start] in "\"'":
        start, end = start + 1, end - 1
    variables[found[1]] = line.part(start, end)


def _with_variables(command: Passage, variables: dict[str, Passage]) -> Passage:
    """Return the command with the table's variables, which it uses, assigned before it."""
    parts: list[Passage] = []
    for name, value in variables.items():
        if "'" in value.text or re.search(rf"\${{?{name}\b", command.text) is None:
            continue
        at = value.start(0) if value.text else command.start(0)
        front = f"{name}='"
        parts.append(Passage(front, [at] * len(front), [at] * len(front)))
        parts.append(value)
        parts.append(Passage("'\n", [at + len(value)] * 2, [at + len(value)] * 2))
    return glue([*parts, command])
