"""What a regular file or block device can be asked: position, length and inode attributes.

Sources: lseek(2), ftruncate(2), ioctl_iflags(2), chattr(1). Not every file system knows every
attribute.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, InodeFlag, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)


# linux/fs.h (FS_*_FL); they are the numbers of ext2.
_ATTRIBUTES: Final = {
    "fs-compr": 0x00000004,
    "fs-sync": 0x00000008,
    "fs-immutable": 0x00000010,
    "fs-append": 0x00000020,
    "fs-nodump": 0x00000040,
    "fs-noatime": 0x00000080,
    "fs-journal-data": 0x00004000,
    "fs-notail": 0x00008000,
    "fs-dirsync": 0x00010000,
    "fs-topdir": 0x00020000,
}


def _attribute(name: str, text: str, *aliases: str, refused: str = "") -> OptionRow:
    return OptionRow(
        name,
        (Group.REG,),
        Phase.FD,
        ValueType.BOOL,
        text,
        aliases,
        None if refused else InodeFlag(_ATTRIBUTES[name]),
        refused=refused,
    )


OPTIONS: Final = (
    OptionRow(
        "lseek64-set",
        (Group.BLK, Group.REG),
        Phase.LATE,
        ValueType.OFF64_T,
        "Start at this offset from the beginning",
        aliases=("lseek", "lseek64", "seek", "seek-set"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "lseek64-cur",
        (Group.BLK, Group.REG),
        Phase.LATE,
        ValueType.OFF64_T,
        "Start at this offset from the current position",
        aliases=("seek-cur",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "lseek64-end",
        (Group.BLK, Group.REG),
        Phase.LATE,
        ValueType.OFF64_T,
        "Start at this offset from the end of the file",
        aliases=("seek-end",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "lseek32-set",
        (Group.BLK, Group.REG),
        Phase.LATE,
        ValueType.OFF_T,
        "Start at this offset from the beginning; meant for offsets below 2 GiB",
        aliases=("lseek32",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "lseek32-cur",
        (Group.BLK, Group.REG),
        Phase.LATE,
        ValueType.OFF_T,
        "Start at this offset from the current position; meant for steps below 2 GiB",
        applies=BuiltIn(),
    ),
    OptionRow(
        "lseek32-end",
        (Group.BLK, Group.REG),
        Phase.LATE,
        ValueType.OFF_T,
        "Start at this offset from the end; meant for files below 2 GiB",
        applies=BuiltIn(),
    ),
    OptionRow(
        "ftruncate64",
        (Group.REG,),
        Phase.LATE,
        ValueType.OFF64_T,
        "Cut or stretch the file to this length",
        aliases=("ftruncate", "truncate"),
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "ftruncate32",
        (Group.REG,),
        Phase.LATE,
        ValueType.OFF_T,
        "Cut or stretch the file to this length; meant for lengths below 2 GiB",
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    _attribute(
        "fs-append",
        "Attribute a: from now on the file can only grow; needs CAP_LINUX_IMMUTABLE",
        "ext2-append",
        "ext3-append",
    ),
    _attribute(
        "fs-compr",
        "Attribute c: ask the file system to compress the file (btrfs does, ext4 does not)",
        "compr",
        "ext2-compr",
        "ext3-compr",
    ),
    _attribute(
        "fs-dirsync",
        "Attribute D: write changes of this directory to the disk at once",
        "dirsync",
        "ext2-dirsync",
        "ext3-dirsync",
    ),
    _attribute(
        "fs-immutable",
        "Attribute i: nobody can change, rename or remove it; needs CAP_LINUX_IMMUTABLE",
        "ext2-immutable",
        "ext3-immutable",
        "immutable",
    ),
    _attribute(
        "fs-journal-data",
        "Attribute j: send the file's data through the journal as well (ext3, ext4)",
        "ext2-journal-data",
        "ext3-journal-data",
        "journal",
        "journal-data",
    ),
    _attribute(
        "fs-noatime", "Attribute A: never update the access time", "ext2-noatime", "ext3-noatime"
    ),
    _attribute(
        "fs-nodump",
        "Attribute d: let dump(8) pass over the file",
        "ext2-nodump",
        "ext3-nodump",
        "nodump",
    ),
    _attribute(
        "fs-notail",
        "Attribute t: keep the last fragment in a block of its own (reiserfs)",
        "ext2-notail",
        "ext3-notail",
    ),
    _attribute(
        "fs-secrm",
        "Attribute s: overwrite the blocks with zeros on removal",
        "ext2-secrm",
        "ext3-secrm",
        "secrm",
        refused="no file system of Linux erases blocks for this attribute",
    ),
    _attribute(
        "fs-sync", "Attribute S: write every change to the disk at once", "ext2-sync", "ext3-sync"
    ),
    _attribute(
        "fs-topdir",
        "Attribute T: treat as a top directory when placing blocks (ext4)",
        "ext2-topdir",
        "ext3-topdir",
        "topdir",
    ),
    _attribute(
        "fs-unrm",
        "Attribute u: keep the contents for undeletion",
        "ext2-unrm",
        "ext3-unrm",
        "unrm",
        refused="no file system of Linux keeps removed files for this attribute",
    ),
)
