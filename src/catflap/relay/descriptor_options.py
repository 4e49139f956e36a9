"""What every kind does to its open descriptors by the rows of options, whatever they are.

Locks, ioctls, attributes of inodes, flags of the open file, position, length, owner and mode. An
opener that applies one of these itself, because for its kind it must come at another moment, names
it in ``takes``.

Sources: fcntl(2), flock(2), ioctl(2), ioctl_iflags(2), lseek(2), ftruncate(2).
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
import termios
from typing import TYPE_CHECKING

from catflap.address.rows import Control, ControlForm, Group, InodeFlag, Lock, OpenFlag
from catflap.address.values import ValueProblem, read_named
from catflap.core.errors import OperationError
from catflap.relay.named import adjust_open

if TYPE_CHECKING:
    from catflap.address.model import Option
    from catflap.address.rows import OptionRow
    from catflap.address.values import Value
    from catflap.bridge.side import Side

__all__ = ("DescriptorOptions", "applies_anywhere")

_SEEKS = {
    "lseek64-set": os.SEEK_SET,
    "lseek64-cur": os.SEEK_CUR,
    "lseek64-end": os.SEEK_END,
    "lseek32-set": os.SEEK_SET,
    "lseek32-cur": os.SEEK_CUR,
    "lseek32-end": os.SEEK_END,
}
_LENGTHS = frozenset({"ftruncate32", "ftruncate64"})
_OWNERS = frozenset({"perm", "user", "group", "perm-late", "user-late", "group-late"})
_OTHERS = frozenset({"cloexec", "f-setpipe-sz", "tiocsctty"})
_BY_NAME = _LENGTHS | _OWNERS | _OTHERS | set(_SEEKS)
_BUSY_RETRY_SECONDS = 0.02
_FS_IOC_GETFLAGS = 0x80086601
_FS_IOC_SETFLAGS = 0x40086602
_CHANGEABLE = os.O_APPEND | os.O_ASYNC | os.O_NONBLOCK | os.O_NOATIME | os.O_DIRECT
"""Flags that fcntl(2) can change while the file is open."""

_BUSY = frozenset({errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK})


def applies_anywhere(row: OptionRow) -> bool:
    """Whether any kind with an open descriptor can have this option applied here."""
    action = row.applies
    if isinstance(action, InodeFlag | Lock | Control):
        return True
    if isinstance(action, OpenFlag):
        return Group.FD in row.groups and bool(action.flag & _CHANGEABLE)
    return row.name in _BY_NAME


class DescriptorOptions:
    """The options of one address that are applied to its open descriptors.

    Args:
        side: whose options.
        handled: names of those that the opener applies itself.
    """

    __slots__ = ("_adjusts", "_options", "_side")

    def __init__(self, side: Side, handled: frozenset[str] = frozenset()) -> None:
        """Pick them out, in the order of their phases."""
        self._side = side
        found = [
            option
            for option in side.address.options
            if option.row is not None
            and applies_anywhere(option.row)
            and option.row.name not in handled
        ]
        found.sort(key=lambda option: option.row.phase if option.row else 0)
        self._options = tuple(found)
        self._adjusts = any(option.canonical in _OWNERS for option in found)

    def __bool__(self) -> bool:
        """Whether there is anything to apply."""
        return bool(self._options)

    async def apply(self, descriptor: int, timeout: float = 0.0) -> None:
        """Apply all of them, waiting for locks where that is asked for.

        Args:
            descriptor: an open file of any kind.
            timeout: seconds to wait for a lock, 0 for no limit.

        Raises:
            OperationError: the system refuses one, or a lock was not free in time.
        """
        for option in self._options:
            lock = option.row.applies if option.row is not None else None
            if isinstance(lock, Lock) and lock.waits and self._value(option):
                await self._await_lock(descriptor, lock, option, timeout)
            else:
                self._apply(descriptor, option)
        self._adjust(descriptor)

    def apply_now(self, descriptor: int) -> None:
        """Apply all of them without waiting: a lock that is not free is an error.

        Raises:
            OperationError: the system refuses one.
        """
        for option in self._options:
            self._apply(descriptor, option)
        self._adjust(descriptor)

    def _adjust(self, descriptor: int) -> None:
        if self._adjusts:
            adjust_open(self._side, descriptor, self._side.address.name)

    def _value(self, option: Option) -> Value:
        row = option.row
        text = option.value.literal if option.value is not None else None
        try:
            return read_named(row.name, row.type, text) if row is not None else None
        except ValueProblem as problem:
            message = f"{option.canonical}: expected {problem.expected}"
            raise OperationError(message) from problem

    async def _await_lock(
        self, descriptor: int, lock: Lock, option: Option, timeout: float
    ) -> None:
        try:
            async with asyncio.timeout(timeout or None):
                # Nothing can be polled for a lock, and waiting in the kernel would stop the loop.
                while not _take(descriptor, lock):  # noqa: ASYNC110 - another process holds it
                    await asyncio.sleep(_BUSY_RETRY_SECONDS)
        except TimeoutError:
            message = f"{option.canonical}: somebody held the lock for more than {timeout:g} s"
            raise OperationError(message, "--connect-timeout changes the limit") from None
        except OSError as error:
            raise self._refused(option, error) from error

    def _apply(self, descriptor: int, option: Option) -> None:
        row = option.row
        if row is None:
            return
        value = self._value(option)
        action = row.applies
        try:
            if isinstance(action, Lock):
                if value and not _take(descriptor, action):
                    message = f"{row.name}: {self._side.address.name} is locked by somebody else"
                    raise OperationError(message, "the waiting form waits until it is free")
            elif isinstance(action, InodeFlag):
                _set_attribute(descriptor, action.flag, on=bool(value))
            elif isinstance(action, Control):
                _control(descriptor, action, value)
            elif isinstance(action, OpenFlag):
                _set_flag(descriptor, action.flag, on=bool(value))
            else:
                _by_name(descriptor, row.name, value)
        except OSError as error:
            raise self._refused(option, error) from error

    def _refused(self, option: Option, error: OSError) -> OperationError:
        hints = {
            errno.EPERM: "it needs another user or a capability",
            errno.ENOTTY: "this is nothing that knows it",
            errno.EOPNOTSUPP: "the file system does not know it",
        }
        reason = error.strerror or str(error)
        message = f"{option.canonical} of {self._side.address.name} is refused: {reason}"
        return OperationError(message, hints.get(error.errno or 0, ""))


def _take(descriptor: int, lock: Lock) -> bool:
    """Try to take a lock; return whether that worked.

    The lock of fcntl(2) is that of the open file, not of the process: closing another descriptor
    of the same file does not lose it, and two sessions of ours exclude each other as two
    processes would.
    """
    try:
        if lock.whole_file:
            kind = fcntl.LOCK_EX if lock.exclusive else fcntl.LOCK_SH
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        else:
            kind = fcntl.F_WRLCK if lock.exclusive else fcntl.F_RDLCK
            wanted = struct.pack("@hhqqi4x", kind, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        raise
    return True


def _set_attribute(descriptor: int, flag: int, *, on: bool) -> None:
    before = struct.unpack("@l", fcntl.ioctl(descriptor, _FS_IOC_GETFLAGS, bytes(8)))[0]
    after = before | flag if on else before & ~flag
    if after != before:
        fcntl.ioctl(descriptor, _FS_IOC_SETFLAGS, struct.pack("@l", after))
    # A file system that does not know an attribute may take the call and forget it.
    seen = struct.unpack("@l", fcntl.ioctl(descriptor, _FS_IOC_GETFLAGS, bytes(8)))[0]
    if bool(seen & flag) is not on:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


def _set_flag(descriptor: int, flag: int, *, on: bool) -> None:
    before = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    if flag == os.O_NONBLOCK:
        # Every descriptor of ours is non-blocking, and what waits is the relay.
        return
    fcntl.fcntl(descriptor, fcntl.F_SETFL, before | flag if on else before & ~flag)


def _control(descriptor: int, action: Control, value: Value) -> None:
    request: object = action.request
    argument: object = value
    if not action.request:
        request, argument = value if isinstance(value, tuple) else (value, 0)
    if not isinstance(request, int):
        return
    if action.form is ControlForm.NOTHING:
        fcntl.ioctl(descriptor, request, 0)
    elif action.form is ControlForm.NUMBER and isinstance(argument, int):
        fcntl.ioctl(descriptor, request, argument)
    elif action.form is ControlForm.POINTER and isinstance(argument, int):
        fcntl.ioctl(descriptor, request, bytearray(struct.pack("=I", argument & 0xFFFFFFFF)))
    elif isinstance(argument, bytes):
        fcntl.ioctl(descriptor, request, bytearray(argument))
    elif isinstance(argument, str):
        text = argument.encode("utf-8", "surrogateescape") + b"\0"
        fcntl.ioctl(descriptor, request, bytearray(text))


def _by_name(descriptor: int, name: str, value: Value) -> None:
    number = value if isinstance(value, int) else 0
    if name in _SEEKS:
        os.lseek(descriptor, number, _SEEKS[name])
    elif name in _LENGTHS:
        os.ftruncate(descriptor, number)
    elif name == "f-setpipe-sz":
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, number)
    elif name == "cloexec":
        os.set_inheritable(descriptor, not number)
    elif name == "tiocsctty" and number:
        fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
