"""Files and devices: OPEN, CREATE, GOPEN."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import OpenFlag, ParameterType
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, DescriptorReader, DescriptorWriter
from catflap.relay.named import NAMED_OPTIONS, Made, adjust_open, clear_way, creation_umask
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.terminal import TERMINAL_OPTIONS, apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.relay.opening import Opener

__all__ = ("FileOpener",)

_SEEKS = {
    "lseek64-set": os.SEEK_SET,
    "lseek64-cur": os.SEEK_CUR,
    "lseek64-end": os.SEEK_END,
    "lseek32-set": os.SEEK_SET,
    "lseek32-cur": os.SEEK_CUR,
    "lseek32-end": os.SEEK_END,
}
_NO_READER_RETRY_SECONDS = 0.02
_ACCESS = {"o-rdonly": os.O_RDONLY, "o-wronly": os.O_WRONLY, "o-rdwr": os.O_RDWR}
_MODE = 0o666


class FileOpener:
    """Opens a path for the ways that bytes go."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | NAMED_OPTIONS
        | TERMINAL_OPTIONS
        | set(_SEEKS)
        | {
            "ftruncate32",
            "ftruncate64",
            "cloexec",
        }
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self.target = side.parameter(ParameterType.PATH)

    async def open(self, opening: Opening) -> Channel:
        """Open it; GOPEN connects instead when a socket is there.

        Raises:
            OperationError: it is not there, or we may not.
        """
        if self._side.kind.name == "GOPEN" and _is_socket(self.target):
            return await self._socket_opener().open(opening)
        clear_way(self._side, self.target)
        existed = os.path.lexists(self.target)
        descriptor = await self._open(opening)
        try:
            undo = self._prepare(descriptor)
        except OSError as error:
            os.close(descriptor)
            message = f"{self.target} cannot be prepared: {error.strerror}"
            raise OperationError(message) from error
        except BaseException:
            os.close(descriptor)
            raise
        made = Made(self.target) if not existed or self._side.flag("unlink-close").value else None
        if self._side.flag("unlink-late").value:
            os.unlink(self.target)
        return self._channel(descriptor, opening, undo, made)

    def _channel(
        self, descriptor: int, opening: Opening, undo: Callable[[], None] | None, made: Made | None
    ) -> Channel:
        accmode = self._access(opening)
        # The one way there is, closed by the access asked for, is an error of the first read or
        # write (EBADF) as in the C program; without one the bytes would go nowhere in silence.
        reads = opening.reads and (accmode != os.O_WRONLY or not opening.writes)
        writes = opening.writes and (accmode != os.O_RDONLY or not opening.reads)

        def release(abort: bool) -> None:
            del abort
            if undo is not None:
                undo()
            os.close(descriptor)
            if made is not None and self._side.flag("unlink-close").value:
                made.remove()

        channel = Channel(
            DescriptorReader(descriptor) if reads else None,
            DescriptorWriter(descriptor) if writes else None,
            self.target,
            release,
        )
        channel.tells_end = not stat.S_ISCHR(os.fstat(descriptor).st_mode)
        return channel

    def _socket_opener(self) -> Opener:
        from catflap.relay.openers.unix import UnixOpener

        return UnixOpener(self._side)

    def _access(self, opening: Opening) -> int:
        for name, flag in _ACCESS.items():
            if self._side.flag(name).value:
                return flag
        if self._side.kind.name == "CREATE":
            return os.O_WRONLY
        if opening.reads and opening.writes:
            return os.O_RDWR
        return os.O_RDONLY if opening.reads else os.O_WRONLY

    def _flags(self, opening: Opening) -> int:
        access = self._access(opening)
        flags = access | os.O_CLOEXEC | os.O_NOCTTY
        name = self._side.kind.name
        if name == "CREATE":
            flags |= os.O_CREAT | os.O_TRUNC
        if name == "GOPEN":
            # The C program makes a missing file even when it only reads; a typing error then
            # looks like an empty file. Ours makes one only to write to it.
            creates = access != os.O_RDONLY or self._side.dialect is Dialect.SOCAT
            flags |= os.O_APPEND | (os.O_CREAT if creates else 0)
        for option in self._side.address.options:
            row = option.row
            if row is None or not isinstance(row.applies, OpenFlag) or row.name in _ACCESS:
                continue
            flag = row.applies.flag
            flags = flags | flag if self._side.flag(row.name).value else flags & ~flag
        return flags

    async def _open(self, opening: Opening) -> int:
        flags = self._flags(opening)
        mode = self._side.value("perm", _MODE).value
        blocking = self._side.last("o-nonblock") is None
        timeout = opening.timeout or None
        try:
            async with asyncio.timeout(timeout):
                while True:
                    try:
                        with creation_umask(self._side):
                            # A FIFO or a device must not stop the loop: no waiting.
                            return os.open(
                                self.target,
                                flags | os.O_NONBLOCK,
                                mode if isinstance(mode, int) else _MODE,
                            )
                    except OSError as error:
                        # A FIFO may still get a reader; a socket cannot be opened at all.
                        if error.errno != errno.ENXIO or not blocking or _is_socket(self.target):
                            raise
                    await asyncio.sleep(_NO_READER_RETRY_SECONDS)
        except TimeoutError:
            message = f"{self.target} found no reader within {timeout:g} s"
            raise OperationError(message, "nonblock fails at once") from None
        except OSError as error:
            message = f"{self.target} cannot be opened: {error.strerror}"
            raise OperationError(message, self._hint(error)) from error

    def _hint(self, error: OSError) -> str:
        if error.errno == errno.ENOENT and self._side.kind.name != "CREATE":
            return "creat makes it"
        if error.errno == errno.EISDIR:
            return "a directory cannot be relayed"
        return ""

    def _prepare(self, descriptor: int) -> Callable[[], None] | None:
        adjust_open(self._side, descriptor, self.target)
        for option in self._side.address.options:
            name = option.row.name if option.row is not None else ""
            if name in _SEEKS:
                os.lseek(descriptor, self._side.number(name).value, _SEEKS[name])
            elif name in {"ftruncate32", "ftruncate64"}:
                os.ftruncate(descriptor, self._side.number(name).value)
        return apply(self._side, descriptor)

    def close(self) -> None:
        """Nothing is held between sessions."""


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False
