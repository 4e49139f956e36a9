"""What EXEC, SYSTEM and SHELL execute: the file, found at start, and its arguments."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType
from catflap.address.syntax import split_command
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import Problem, printable
from catflap.survey.accounts import new_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.bridge.side import Side

__all__ = ("Command", "command_of")

_SYSTEM_SHELL = "/bin/sh"
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments.

    Args:
        executable: the file.
        argv: its arguments, its own name first.
        shown: the kind and the program, without arguments: those may hold secrets.
    """

    executable: str
    argv: tuple[str, ...]
    shown: str


def command_of(side: Side, environment: Mapping[str, str]) -> Command:
    """Return what an address executes.

    Args:
        side: EXEC, SYSTEM or SHELL.
        environment: that of the child, for PATH and SHELL.

    Raises:
        UsageError: there is no program in the words.
        OperationError: the program is not there, or may not be executed.
    """
    words = _words(side, environment)
    if not words or not words[0]:
        word = side.word(ParameterType.COMMAND)
        span = word.span if word is not None else side.span
        problem = Problem("the command names no program", span, side.source, "a program")
        raise UsageError(problem.sentence(), (problem,))
    name = os.path.basename(words[0])
    shown = f"{side.kind.name}:{printable(name)}"
    dash = side.flag("dash").value
    executable = _find(side, words[0], environment.get("PATH", _DEFAULT_PATH), shown)
    # With ``login`` the whole path stands behind the dash, as the C program has it.
    return Command(executable, (f"-{words[0]}" if dash else name, *words[1:]), shown)


def _words(side: Side, environment: Mapping[str, str]) -> tuple[str, ...]:
    word = side.word(ParameterType.COMMAND)
    if side.kind.name == "EXEC":
        return tuple(part.text for part in split_command(word)) if word is not None else ()
    if side.kind.name == "SYSTEM":
        return (_SYSTEM_SHELL, "-c", word.text if word is not None else "")
    shell = side.text("shell").value or environment.get("SHELL", "") or _SYSTEM_SHELL
    return (shell, "-c", word.text) if word is not None else (shell,)


def _find(side: Side, name: str, path: str, shown: str) -> str:
    """Return the file that ``name`` means to the child, which may have another root."""
    root = new_root(side)
    folder = side.text("chdir").value
    for place, option in ((root, "chroot"), (_outside(root, "", folder), "chdir")):
        if place and not os.path.isdir(place):
            message = f"{shown} cannot be executed: {option}={place} is no directory"
            raise OperationError(message)
    if "/" in name:
        _check(_outside(root, folder, name), name, shown)
        return name
    refused = ""
    for place in path.split(os.pathsep):
        candidate = os.path.join(place or ".", name)
        seen = _outside(root, folder, candidate)
        if os.path.isfile(seen):
            if os.access(seen, os.X_OK):
                return candidate
            refused = refused or candidate
    if refused:
        message = f"{shown} cannot be executed: {refused} is not executable"
        raise OperationError(message, f"chmod +x {refused}")
    where = f" below {root}" if root else ""
    message = f"{shown} is in no directory of PATH{where}: {path}"
    raise OperationError(message, "path=DIRECTORIES looks elsewhere; or give the whole path")


def _outside(root: str, folder: str, path: str) -> str:
    """Return where a path of the child's is for us."""
    inside = os.path.join(folder, path) if folder else path
    if not inside:
        return ""
    if not root:
        return inside
    return os.path.join(root, inside.lstrip("/"))


def _check(seen: str, name: str, shown: str) -> None:
    if not os.path.exists(seen):
        message = f"{shown} cannot be executed: there is no {printable(name)}"
        raise OperationError(message)
    if not os.path.isfile(seen):
        message = f"{shown} cannot be executed: {printable(name)} is no file"
        raise OperationError(message)
    if not os.access(seen, os.X_OK):
        message = f"{shown} cannot be executed: {printable(name)} is not executable"
        raise OperationError(message, f"chmod +x {printable(name)}")
