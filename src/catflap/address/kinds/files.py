"""Files, FIFOs and whatever else has a path.

Sources: open(2), creat(2), fifo(7).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import (
    Direction,
    Group,
    Kind,
    Parameter,
    ParameterType,
    Risk,
    Role,
    Transport,
)

__all__ = ("KINDS",)

_PATH: Final = (Parameter("path", ParameterType.PATH),)

KINDS: Final = (
    Kind(
        "OPEN",
        ":<filename>",
        (
            Group.FD,
            Group.FIFO,
            Group.CHR,
            Group.BLK,
            Group.REG,
            Group.NAMED,
            Group.OPEN,
            Group.TERMIOS,
        ),
        Role.FILE,
        Transport.LOCAL,
        "Open an existing file, device or FIFO",
        parameters=_PATH,
        aliases=("FILE",),
        risk=Risk.WRITES,
    ),
    Kind(
        "CREATE",
        ":<filename>",
        (Group.FD, Group.REG, Group.NAMED),
        Role.FILE,
        Transport.LOCAL,
        "Make a file, or empty it if it exists, and write it",
        parameters=_PATH,
        aliases=("CREAT",),
        direction=Direction.WRITE,
        risk=Risk.WRITES,
    ),
    Kind(
        "GOPEN",
        ":<filename>",
        (
            Group.FD,
            Group.FIFO,
            Group.CHR,
            Group.BLK,
            Group.REG,
            Group.SOCKET,
            Group.NAMED,
            Group.OPEN,
            Group.TERMIOS,
            Group.UNIX,
        ),
        Role.FILE,
        Transport.LOCAL,
        "Open whatever is at this path: connect to a socket, append to a file",
        parameters=_PATH,
        risk=Risk.WRITES,
    ),
    Kind(
        "PIPE",
        "[:<filename>]",
        (Group.FD, Group.FIFO, Group.NAMED, Group.OPEN),
        Role.FILE,
        Transport.LOCAL,
        "Without a path, echo; with one, a FIFO that is made if missing",
        parameters=(Parameter("path", ParameterType.PATH, optional=True),),
        aliases=("ECHO", "FIFO"),
        risk=Risk.WRITES,
    ),
)
