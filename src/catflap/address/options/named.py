"""Who owns a file system entry, who may use it, and when a stale one is removed.

The early forms act before the entry is opened, the plain ones on its descriptor, the late ones once
it is in use. Sources: chmod(2), chown(2), unlink(2).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "perm",
        (Group.FD, Group.NAMED),
        Phase.FD,
        ValueType.MODE_T,
        "Permission bits (octal) of the entry; a listener gets them before its first peer",
        aliases=("mode",),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "perm-early",
        (Group.NAMED,),
        Phase.PREOPEN,
        ValueType.MODE_T,
        "Permission bits (octal), given to the path before it is opened",
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "perm-late",
        (Group.FD,),
        Phase.LATE,
        ValueType.MODE_T,
        "Permission bits (octal), given to the descriptor after it is connected",
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "user",
        (Group.FD, Group.NAMED),
        Phase.FD,
        ValueType.UID_T,
        "Owner of the entry, by name or number",
        aliases=("owner", "uid"),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "user-early",
        (Group.NAMED,),
        Phase.PREOPEN,
        ValueType.UID_T,
        "Owner given to the path before it is opened",
        aliases=("uid-e",),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "user-late",
        (Group.FD,),
        Phase.LATE,
        ValueType.UID_T,
        "Owner given to the descriptor after it is connected",
        aliases=("uid-l",),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "group",
        (Group.FD, Group.NAMED),
        Phase.FD,
        ValueType.GID_T,
        "Group of the entry, by name or number",
        aliases=("gid",),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "group-early",
        (Group.NAMED,),
        Phase.PREOPEN,
        ValueType.GID_T,
        "Group given to the path before it is opened",
        aliases=("gid-e",),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "group-late",
        (Group.FD,),
        Phase.LATE,
        ValueType.GID_T,
        "Group given to the descriptor after it is connected",
        aliases=("gid-l",),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "unlink",
        (Group.NAMED,),
        Phase.PREOPEN,
        ValueType.BOOL,
        "Remove the entry just before opening it",
        aliases=("delete", "remove"),
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "unlink-early",
        (Group.NAMED,),
        Phase.EARLY,
        ValueType.BOOL,
        "Remove a stale entry before anything else is done with this address",
        aliases=("new",),
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "unlink-late",
        (Group.NAMED,),
        Phase.PASTOPEN,
        ValueType.BOOL,
        "Remove the name right after opening, so that nobody else can open it",
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "unlink-close",
        (Group.NAMED,),
        Phase.LATE,
        ValueType.BOOL,
        "Remove the entry at the end; on for UNIX listeners",
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
)
