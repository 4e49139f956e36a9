"""Flags of open(2).

Sources: open(2). The access mode follows from the direction unless one of o-rdonly, o-wronly and
o-rdwr says it.
"""

from __future__ import annotations

import os
from typing import Final

from catflap.address.rows import Group, OpenFlag, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)


def _flag(name: str, flag: int, text: str, *aliases: str, risk: Risk = Risk.NONE) -> OptionRow:
    return OptionRow(
        name,
        (Group.OPEN,),
        Phase.OPEN,
        ValueType.BOOL,
        text,
        aliases,
        OpenFlag(flag),
        risk,
    )


OPTIONS: Final = (
    OptionRow(
        "append",
        (Group.FD, Group.OPEN),
        Phase.LATE,
        ValueType.BOOL,
        "Put every write at the end of the file",
        aliases=("o-append",),
        applies=OpenFlag(os.O_APPEND),
    ),
    _flag(
        "o-creat",
        os.O_CREAT,
        "Make the file if it is missing",
        "creat",
        "create",
        "o-create",
        "o_creat",
        "o_create",
        risk=Risk.WRITES,
    ),
    _flag(
        "o-excl",
        os.O_EXCL,
        "With o-creat, fail if anything already has this name",
        "excl",
        "o_excl",
    ),
    OptionRow(
        "o-trunc",
        (Group.OPEN,),
        Phase.LATE,
        ValueType.BOOL,
        "Empty the file on opening",
        aliases=("trunc",),
        applies=OpenFlag(os.O_TRUNC),
        risk=Risk.WRITES,
    ),
    _flag("o-rdonly", os.O_RDONLY, "Open for reading alone", "o_rdonly", "rdonly"),
    _flag("o-wronly", os.O_WRONLY, "Open for writing alone", "o_wronly", "wronly"),
    _flag("o-rdwr", os.O_RDWR, "Open for reading and writing", "o_rdwr", "rdwr"),
    _flag(
        "o-nofollow",
        os.O_NOFOLLOW,
        "Fail if the last part of the path is a symbolic link",
        "nofollow",
        "o_nofollow",
    ),
    _flag(
        "o-directory",
        os.O_DIRECTORY,
        "Fail unless the path is a directory",
        "directory",
        "o_directory",
    ),
    _flag(
        "o-noctty",
        os.O_NOCTTY,
        "Never make a terminal the controlling one by opening it",
        "noctty",
        "o_noctty",
    ),
    OptionRow(
        "o-nonblock",
        (Group.FD, Group.OPEN),
        Phase.FD,
        ValueType.BOOL,
        "Do not wait while opening: for a FIFO's other end, or a modem's carrier",
        aliases=("ndelay", "nonblock", "o-ndelay", "o_ndelay"),
        applies=OpenFlag(os.O_NONBLOCK),
    ),
    OptionRow(
        "o-noatime",
        (Group.FD, Group.OPEN),
        Phase.FD,
        ValueType.BOOL,
        "Leave the access time alone while reading; for the file's owner",
        aliases=("noatime",),
        applies=OpenFlag(os.O_NOATIME),
    ),
    _flag(
        "o-direct",
        os.O_DIRECT,
        "Go round the page cache; sizes and offsets must be aligned",
        "direct",
        "o_direct",
    ),
    _flag(
        "o-sync",
        os.O_SYNC,
        "A write returns once data and metadata are on the disk",
        "o_sync",
        "sync",
    ),
    _flag(
        "o-dsync",
        os.O_DSYNC,
        "A write returns once its data can be read back after a crash",
        "dsync",
        "o_dsync",
    ),
    _flag(
        "o-rsync",
        os.O_RSYNC,
        "Reads wait as writes do; on Linux the same as o-sync",
        "o_rsync",
        "rsync",
    ),
    _flag(
        "o-largefile",
        os.O_LARGEFILE,
        "Let 32-bit systems open files above 2 GiB; 64-bit ones always do",
        "largefile",
        "o_largefile",
    ),
)
