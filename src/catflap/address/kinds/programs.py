"""Programs that run as the other end.

Sources: execve(2), system(3), sh(1).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Group, Kind, Parameter, ParameterType, Risk, Role, Transport

__all__ = ("KINDS",)

_PROGRAM: Final = (
    Group.FD,
    Group.FIFO,
    Group.SOCKET,
    Group.EXEC,
    Group.FORK,
    Group.TERMIOS,
    Group.PTY,
    Group.PARENT,
    Group.UNIX,
)
_COMMAND: Final = (Parameter("command", ParameterType.COMMAND),)
_MAYBE: Final = (Parameter("command", ParameterType.COMMAND, optional=True),)

KINDS: Final = (
    Kind(
        "EXEC",
        ":<command-line>",
        _PROGRAM,
        Role.PROGRAM,
        Transport.LOCAL,
        "Run a program with arguments, without a shell",
        parameters=_COMMAND,
        risk=Risk.EXECUTES,
    ),
    Kind(
        "SYSTEM",
        ":<shell-command>",
        _PROGRAM,
        Role.PROGRAM,
        Transport.LOCAL,
        "Run a command line by /bin/sh",
        parameters=_COMMAND,
        risk=Risk.SHELL,
    ),
    Kind(
        "SHELL",
        "[:<shell-command>]",
        (
            Group.FD,
            Group.FIFO,
            Group.SOCKET,
            Group.EXEC,
            Group.FORK,
            Group.SHELL,
            Group.TERMIOS,
            Group.PTY,
            Group.PARENT,
            Group.UNIX,
        ),
        Role.PROGRAM,
        Transport.LOCAL,
        "Run a command line by $SHELL, or $SHELL itself when there is none",
        parameters=_MAYBE,
        risk=Risk.SHELL,
        since="1.8.0",
    ),
)
