"""PIPE: without a name an echo, with one a FIFO that other programs open too."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import OpenFlag, ParameterType
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, DescriptorReader, DescriptorWriter
from catflap.relay.named import NAMED_OPTIONS, Made, adjust_open, clear_way, creation_umask
from catflap.relay.opening import COMMON_OPTIONS, Opening

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side

__all__ = ("PipeOpener",)

_ACCESS = {"o-rdonly": os.O_RDONLY, "o-wronly": os.O_WRONLY, "o-rdwr": os.O_RDWR}
_MAKING = frozenset({"o-creat", "o-excl"})
_MODE = 0o666
_OWN_MODE = 0o600
"""What passes through a FIFO is its makers' alone, unless mode= or umask= says otherwise."""

_NO_READER_SECONDS = 0.02


class PipeOpener:
    """Echoes, or opens a FIFO for the ways that bytes go; makes it where it is missing."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS | NAMED_OPTIONS | {"f-setpipe-sz", "cloexec", "chdir"}
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._path = side.parameter(ParameterType.PATH)
        self.target = self._path or "echo"
        self._users = 0
        self._made: Made | None = None

    async def open(self, opening: Opening) -> Channel:
        """Open it.

        Raises:
            OperationError: it is something else, or we may not, or nobody reads it in time.
        """
        if not self._path:
            return self._echo()
        self._make()
        self._users += 1
        try:
            descriptor = await self._open(opening)
        except BaseException:
            self._leave()
            raise
        try:
            return self._channel(descriptor, opening)
        except BaseException:
            os.close(descriptor)
            self._leave()
            raise

    def _echo(self) -> Channel:
        """Return a channel whose writer feeds its reader."""
        try:
            read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            message = f"a pipe cannot be made: {error.strerror}"
            raise OperationError(message) from error
        ends = {read, write}

        def close(descriptor: int) -> None:
            if descriptor in ends:
                ends.remove(descriptor)
                os.close(descriptor)

        def release(abort: bool) -> None:
            del abort
            close(read)
            close(write)

        try:
            self._resize(write)
            return Channel(
                DescriptorReader(read),
                DescriptorWriter(write, close=lambda: close(write)),
                self.target,
                release,
            )
        except BaseException:
            release(True)
            raise

    def _make(self) -> None:
        """Make the FIFO if nothing is there.

        Raises:
            OperationError: it cannot be made, or something else is there.
        """
        side = self._side
        if self._users == 0:
            clear_way(side, self._path)
        if side.last("o-creat") is not None and not side.flag("o-creat").value:
            return
        try:
            self._mkfifo()
        except FileExistsError:
            if side.flag("o-excl").value:
                message = f"{self._path} is there already"
                raise OperationError(
                    message, "without excl it is used; unlink-early removes it"
                ) from None
            self._check_kind()
            return
        except OSError as error:
            message = f"{self._path} cannot be made: {error.strerror}"
            raise OperationError(message) from error
        self._made = Made(self._path)

    def _mkfifo(self) -> None:
        """Make it with its final mode at once: a chmod afterwards would come too late."""
        side = self._side
        mode = side.value("perm").value
        if isinstance(mode, int):
            before = os.umask(0)
            try:
                os.mkfifo(self._path, mode)
            finally:
                os.umask(before)
            return
        ours = side.dialect is Dialect.CATFLAP and side.last("umask") is None
        with creation_umask(side):
            os.mkfifo(self._path, _OWN_MODE if ours else _MODE)

    def _check_kind(self) -> None:
        try:
            mode = os.stat(self._path).st_mode
        except OSError:
            # It went away in between, or is a dangling link; opening it says which.
            return
        if not stat.S_ISFIFO(mode):
            message = f"{self._path} is there, but is no FIFO"
            raise OperationError(message, "OPEN: and GOPEN: open files and devices")

    def _access(self, opening: Opening) -> int:
        for name, flag in _ACCESS.items():
            if self._side.flag(name).value:
                return flag
        if opening.reads and opening.writes:
            return os.O_RDWR
        return os.O_RDONLY if opening.reads else os.O_WRONLY

    def _flags(self, opening: Opening) -> int:
        # A FIFO opened without O_NONBLOCK would stop the loop until its other end comes.
        flags = self._access(opening) | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        for option in self._side.address.options:
            row = option.row
            if row is None or not isinstance(row.applies, OpenFlag):
                continue
            if row.name not in _ACCESS and row.name not in _MAKING and row.name != "o-nonblock":
                flag = row.applies.flag
                flags = flags | flag if self._side.flag(row.name).value else flags & ~flag
        return flags

    async def _open(self, opening: Opening) -> int:
        """Open the FIFO; to write, wait for somebody who reads, unless ``nonblock`` says no."""
        flags = self._flags(opening)
        waits = not self._side.flag("o-nonblock").value
        try:
            async with asyncio.timeout(opening.timeout or None):
                while True:
                    try:
                        return os.open(self._path, flags)
                    except OSError as error:
                        if error.errno != errno.ENXIO or not waits:
                            raise
                    # Nothing can be polled for that: the kernel tells only who has it open.
                    await asyncio.sleep(_NO_READER_SECONDS)
        except TimeoutError:
            message = f"nobody reads {self._path} within {opening.timeout:g} s"
            raise OperationError(message, "nonblock fails at once") from None
        except OSError as error:
            reason = "nobody reads it" if error.errno == errno.ENXIO else error.strerror
            message = f"{self._path} cannot be opened: {reason}"
            raise OperationError(message) from error

    def _channel(self, descriptor: int, opening: Opening) -> Channel:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            message = f"{self._path} is no FIFO any more"
            raise OperationError(message)
        adjust_open(self._side, descriptor, self._path)
        self._resize(descriptor)
        if self._side.flag("unlink-late").value:
            self._remove()
        access = self._access(opening)
        reads = opening.reads and access != os.O_WRONLY
        writes = opening.writes and access != os.O_RDONLY
        open_ = [True]

        def close() -> None:
            if open_:
                open_.clear()
                os.close(descriptor)

        def release(abort: bool) -> None:
            del abort
            close()
            self._leave()

        # Open for both ways it is its own other end, and closing one way would close both.
        ends: Callable[[], None] | None = close if writes and not reads else None
        channel = Channel(
            DescriptorReader(descriptor) if reads else None,
            DescriptorWriter(descriptor, close=ends) if writes else None,
            self.target,
            release,
        )
        channel.tells_end = access != os.O_RDWR
        return channel

    def _resize(self, descriptor: int) -> None:
        size = self._side.value("f-setpipe-sz").value
        if not isinstance(size, int):
            return
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, size)
        except OSError as error:
            message = f"a pipe cannot hold {size} bytes: {error.strerror}"
            raise OperationError(message, "/proc/sys/fs/pipe-max-size is the limit") from error

    def _leave(self) -> None:
        """Remove the FIFO once its last session is over: ours unless told, others' only if told."""
        self._users -= 1
        if self._users > 0:
            return
        said = self._side.last("unlink-close") is not None
        wanted = self._side.flag("unlink-close").value if said else self._made is not None
        if wanted:
            self._remove()
        self._made = None

    def _remove(self) -> None:
        try:
            (self._made or Made(self._path)).remove()
        except FileNotFoundError:
            # Somebody was faster.
            return

    def close(self) -> None:
        """Nothing is held between sessions."""
