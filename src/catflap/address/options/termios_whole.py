"""Terminal settings made as a whole: raw and sane modes, window size, controlling terminal.

Sources: termios(3), ioctl_tty(2), stty(1).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "raw",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.CONST,
        "Pass bytes as they are: no lines, echo, signals or flow control (the old way)",
        applies=BuiltIn(),
    ),
    OptionRow(
        "termios-cfmakeraw",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.CONST,
        "Pass bytes as they are, by cfmakeraw(3)",
        aliases=("cfmakeraw",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "termios-rawer",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.CONST,
        "Pass bytes as they are, with echo off as well: rawer than raw",
        aliases=("rawer",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "sane",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.CONST,
        "Settings under which a shell works: lines, echo, signals",
        applies=BuiltIn(),
    ),
    OptionRow(
        "termios-setflags",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.INT_ULONG,
        "Set bits of one word of termios: WORD:BITS, where 0 is the input modes",
        aliases=("setflags",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "tiocswinsz",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.INT_INT,
        "Size of the window as COLUMNS:ROWS",
        aliases=("winsz",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "tiocsctty",
        (Group.TERMIOS,),
        Phase.LATE2,
        ValueType.BOOL,
        "Make the terminal the controlling one of the session",
        aliases=("ctty",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "ispeed",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.UNSIGNED_INT,
        "Input speed in baud, as a number",
        applies=BuiltIn(),
    ),
    OptionRow(
        "ospeed",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.UNSIGNED_INT,
        "Output speed in baud, as a number",
        applies=BuiltIn(),
    ),
)
