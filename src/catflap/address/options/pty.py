"""Pseudo-terminals: how the pair is made, named and waited for.

Sources: pty(7), openpty(3), pts(4).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "symbolic-link",
        (Group.PTY,),
        Phase.LATE,
        ValueType.STRING,
        "Path of a symbolic link to the slave's device, removed at the end",
        aliases=("link",),
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "openpty",
        (Group.PTY,),
        Phase.BIGEN,
        ValueType.BOOL,
        "Make the pair by openpty(3)",
        applies=BuiltIn(),
    ),
    OptionRow(
        "ptmx",
        (Group.PTY,),
        Phase.BIGEN,
        ValueType.BOOL,
        "Make the pair by opening /dev/ptmx",
        applies=BuiltIn(),
    ),
    OptionRow(
        "pty-wait-slave",
        (Group.PTY,),
        Phase.EARLY,
        ValueType.BOOL,
        "Wait until somebody has opened the slave",
        aliases=("wait-slave", "waitslave"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "pty-interval",
        (Group.PTY,),
        Phase.EARLY,
        ValueType.STRUCT_TIMESPEC,
        "Seconds between two looks for an opened slave",
        aliases=("pty-intervall",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "sitout-eio",
        (Group.PTY,),
        Phase.OFFSET,
        ValueType.STRUCT_TIMEVAL,
        "Seconds to bear read errors while nobody has the slave open",
        applies=BuiltIn(),
    ),
)
