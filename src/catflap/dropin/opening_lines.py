"""What the C program tells (``-d -d``) when it opens an address, before any byte flows."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType
from catflap.address.syntax import split_command
from catflap.bridge.model import DualSide
from catflap.core.units import parse_integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.side import Side

__all__ = ("opening_lines", "program_lines")

_TYPES = (
    (stat.S_ISREG, "regular file"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISCHR, "character device"),
    (stat.S_ISBLK, "block device"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
)
_STDIO = {"reading": "using stdin for reading", "writing": "using stdout for writing"}
_PROGRAMS = frozenset({"EXEC", "SYSTEM", "SHELL"})
_FILES = frozenset({"OPEN", "GOPEN", "PIPE"})


def opening_lines(end: Side | DualSide, *, reads: bool, writes: bool) -> Iterator[str]:
    """Yield a line for each address of one end; none for those that the C program passes over.

    Args:
        end: one address, or a dual one.
        reads: whether bytes come from it.
        writes: whether bytes go to it.
    """
    if isinstance(end, DualSide):
        if reads:
            yield from opening_lines(end.read, reads=True, writes=False)
        if writes:
            yield from opening_lines(end.write, reads=False, writes=True)
        return
    line = _line(end, _way(reads=reads, writes=writes))
    if line:
        yield line


def _way(*, reads: bool, writes: bool) -> str:
    if reads and writes:
        return "reading and writing"
    return "reading" if reads else "writing"


def _line(side: Side, way: str) -> str:
    name = side.kind.name
    path = side.parameter(ParameterType.PATH)
    if name == "STDIO":
        return _STDIO.get(way, "reading from and writing to stdio")
    if name in _PROGRAMS:
        return f"forking off child, using {_means(side)} for {way}"
    if name in _FILES and path:
        return f'opening {_type_of(path)} "{path}" for {way}'
    if name == "FD":
        number = parse_integer(side.parameter(ParameterType.DESCRIPTOR))
        return f"using file descriptor {number} for {way}"
    fixed = {
        "STDIN": "using stdin for reading",
        "STDOUT": "using stdout for writing",
        "STDERR": "using stderr for writing",
        "SOCKETPAIR": "writing to and reading from unnamed socketpair",
        "PIPE": "writing to and reading from unnamed pipe",
        "CREATE": f'creating regular file "{path}" for writing',
    }
    return fixed.get(name, "")


def program_lines(side: Side) -> Iterator[str]:
    """Yield what is told of a program that EXEC has started; a shell is told of no further."""
    word = side.word(ParameterType.COMMAND)
    if side.kind.name != "EXEC" or word is None:
        return
    words = split_command(word)
    if words:
        yield f'execvp\'ing "{words[0].text}"'


def _means(side: Side) -> str:
    if side.flag("pty").value:
        return "pty"
    return "pipes" if side.flag("pipes").value else "socket"


def _type_of(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        # It is about to be made, or the next line says what is wrong.
        return "regular file"
    return next((name for test, name in _TYPES if test(mode)), "undef")
