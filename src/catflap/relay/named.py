"""Entries of the file system: owner, mode, and removing what stands in the way or was made."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import stat
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.core.units import account_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catflap.bridge.side import Side

__all__ = (
    "NAMED_OPTIONS",
    "Made",
    "abstract_name",
    "adjust_entry",
    "adjust_open",
    "clear_way",
    "creation_umask",
    "group_id",
    "user_id",
)

NAMED_OPTIONS = frozenset(
    {
        "perm",
        "perm-early",
        "perm-late",
        "user",
        "user-early",
        "user-late",
        "group",
        "group-early",
        "group-late",
        "umask",
        "unlink",
        "unlink-early",
        "unlink-late",
        "unlink-close",
    }
)
"""Options of the NAMED group that this module applies."""


_SUN_PATH_BYTES = 108
"""Room for a name in struct sockaddr_un (unix(7))."""


def abstract_name(side: Side, name: str) -> str:
    """Return an abstract name as the socket module takes it.

    With ``unix-tightsocklen=0`` the whole structure counts, so that zeros belong to the name; a
    name of the file system ends at its first zero either way.
    """
    if side.flag("unix-tightsocklen", otherwise=True).value:
        return f"\0{name}"
    return f"\0{name}".ljust(_SUN_PATH_BYTES, "\0")


def user_id(text: str) -> int:
    """Return the uid of a name or number.

    Raises:
        OperationError: there is no such user.
    """
    number = account_number(text)
    if number is not None:
        return number
    try:
        return pwd.getpwnam(text).pw_uid
    except KeyError:
        message = f"there is no user {text}"
        raise OperationError(message) from None


def group_id(text: str) -> int:
    """Return the gid of a name or number.

    Raises:
        OperationError: there is no such group.
    """
    number = account_number(text)
    if number is not None:
        return number
    try:
        return grp.getgrnam(text).gr_gid
    except KeyError:
        message = f"there is no group {text}"
        raise OperationError(message) from None


@contextlib.contextmanager
def creation_umask(side: Side, default: int | None = None) -> Iterator[None]:
    """Hold a umask for one synchronous call: that of the side, else ``default``, else ours."""
    wanted = side.value("umask", default).value
    if not isinstance(wanted, int):
        yield
        return
    before = os.umask(wanted)
    try:
        yield
    finally:
        os.umask(before)


def clear_way(side: Side, path: str) -> None:
    """Remove a stale entry before opening, when ``unlink-early`` or ``unlink`` asks for it."""
    if side.flag("unlink-early").value or side.flag("unlink").value:
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError as error:
            message = f"{path} cannot be removed: {error.strerror}"
            raise OperationError(message) from error


def _numbers(side: Side, suffixes: tuple[str, ...]) -> tuple[int | None, int, int]:
    mode: int | None = None
    uid = gid = -1
    for suffix in suffixes:
        found = side.value(f"perm{suffix}").value
        mode = found if isinstance(found, int) else mode
        user = side.text(f"user{suffix}").value
        uid = user_id(user) if user else uid
        group = side.text(f"group{suffix}").value
        gid = group_id(group) if group else gid
    return mode, uid, gid


def adjust_entry(side: Side, path: str, otherwise: int | None = None) -> None:
    """Give an entry the owner and mode that its options ask for; owner first, so that mode stays.

    Args:
        side: has the options.
        path: of the entry.
        otherwise: the mode when they ask for none; ``None`` leaves it.

    Raises:
        OperationError: not permitted, or no such user or group.
    """
    mode, uid, gid = _numbers(side, ("-early", "", "-late"))
    mode = mode if mode is not None else otherwise
    try:
        if uid >= 0 or gid >= 0:
            os.chown(path, uid, gid, follow_symlinks=False)
        if mode is not None:
            _change_mode(path, mode)
    except OSError as error:
        message = f"owner or mode of {path} cannot be set: {error.strerror}"
        raise OperationError(message) from error


def _change_mode(path: str, mode: int) -> None:
    """Set the mode of what stands at a path itself, and never of what a link leads to.

    Whoever owns the directory can put a link to /etc/shadow in the place of our socket, between our
    bind(2) and this; chmod(2) would follow it with our rights.
    """
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if stat.S_ISLNK(os.fstat(descriptor).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        os.chmod(f"/proc/self/fd/{descriptor}", mode)
    except FileNotFoundError:
        # There is no /proc here, behind a chroot perhaps; in there no other way is known.
        os.chmod(path, mode)
    finally:
        os.close(descriptor)


def adjust_open(side: Side, descriptor: int, name: str) -> None:
    """Do the same to an open file.

    Raises:
        OperationError: not permitted, or no such user or group.
    """
    mode, uid, gid = _numbers(side, ("-early", "", "-late"))
    try:
        if uid >= 0 or gid >= 0:
            os.fchown(descriptor, uid, gid)
        if mode is not None:
            os.fchmod(descriptor, mode)
    except OSError as error:
        message = f"owner or mode of {name} cannot be set: {error.strerror}"
        raise OperationError(message) from error


class Made:
    """An entry that we made, to be removed only while it is still the one we made."""

    __slots__ = ("_inode", "_maker", "path")

    def __init__(self, path: str | Path) -> None:
        """Remember which entry stands at ``path`` now."""
        self.path = str(path)
        # A process that is forked later works with it, and leaves it where it is.
        self._maker = os.getpid()
        found = os.lstat(path)
        self._inode: tuple[int, int] | None = (found.st_dev, found.st_ino)

    def remove(self) -> None:
        """Remove it, unless somebody else's stands there now."""
        inode, self._inode = self._inode, None
        if inode is None or self._maker != os.getpid():
            return
        with contextlib.suppress(OSError):
            found = os.lstat(self.path)
            if (found.st_dev, found.st_ino) == inode and not stat.S_ISDIR(found.st_mode):
                os.unlink(self.path)
