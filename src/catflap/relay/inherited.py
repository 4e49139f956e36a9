"""Descriptors that other processes share: O_NONBLOCK is never left on one of them.

A pipe, terminal or device is opened again by way of /proc/self/fd, so that O_NONBLOCK belongs to
our own open file description (open(2)). A socket cannot be; its calls carry MSG_DONTWAIT.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.relay.channel import DescriptorReader, DescriptorWriter, Ending, SocketHalf

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.relay.channel import Reader, Writer

__all__ = ("Inherited", "access_mode", "remember_given")

_STANDARD_ERROR = 2
_given: frozenset[int] | None = None


def remember_given() -> None:
    """Note which descriptors are open: called when the process starts, before it opens its own.

    What is opened later has the lowest free number, so that ``FD:5`` without a descriptor 5 would
    else relay into our own event loop.
    """
    global _given  # noqa: PLW0603 - it is a fact about the process
    with contextlib.suppress(OSError):
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
        _given = frozenset(number for number in numbers if _is_open(number))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        # The one by which the folder was listed.
        return False
    return True


def access_mode(descriptor: int) -> tuple[bool, bool]:
    """Return whether a descriptor can be read and whether it can be written.

    Raises:
        OperationError: it is not open.
    """
    try:
        # The standard ones that were closed stand for /dev/null by now.
        if _given is not None and descriptor > _STANDARD_ERROR and descriptor not in _given:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        mode = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    except OSError as error:
        message = f"descriptor {descriptor} is not open: {error.strerror}"
        raise OperationError(message, "the shell opens one with 3<>FILE") from error
    return mode in {os.O_RDONLY, os.O_RDWR}, mode in {os.O_WRONLY, os.O_RDWR}


class Inherited:
    """One descriptor that was handed to us, as a reader, a writer or both.

    Args:
        descriptor: the number.
        name: what a person calls it.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        """Look at what it is.

        Raises:
            OperationError: it is not open.
        """
        access_mode(descriptor)
        self.descriptor = descriptor
        self.name = name
        self._mode = os.fstat(descriptor).st_mode
        self._undo: list[Callable[[], None]] = []
        self._socket: socket.socket | None = None
        self._writer_descriptor: int | None = None

    @property
    def is_socket(self) -> bool:
        """Whether it is a socket."""
        return stat.S_ISSOCK(self._mode)

    @property
    def tells_end(self) -> bool:
        """Whether its other side can tell that it ended; a terminal or device cannot."""
        return not stat.S_ISCHR(self._mode)

    def _half(self, ending: str) -> SocketHalf:
        if self._socket is None:
            self._socket = socket.socket(fileno=os.dup(self.descriptor))
            self._undo.append(self._socket.close)
        packets = self._socket.type != socket.SOCK_STREAM
        return SocketHalf(self._socket, ending=ending, shared=True, boundaries=packets)

    def reader(self, ending: str) -> Reader:
        """Return the half that is read."""
        if self.is_socket:
            return self._half(ending)
        return DescriptorReader(self._own(os.O_RDONLY))

    def writer(self, ending: str) -> Writer:
        """Return the half that is written; a pipe tells its end by being closed."""
        if self.is_socket:
            half = self._half(ending)
            # Others may hold the socket open, so that closing it here would not tell the end.
            self._undo.append(half.end)
            return half
        own = self._own(os.O_WRONLY)
        ends = stat.S_ISFIFO(self._mode) and ending not in {Ending.NONE, Ending.NULL}
        self._writer_descriptor = own
        return DescriptorWriter(own, close=self._end_pipe if ends else None)

    def _end_pipe(self) -> None:
        """Put /dev/null in the place of both descriptors, so that the reader sees the end."""
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(null, self.descriptor)
        if self._writer_descriptor not in {None, self.descriptor}:
            os.dup2(null, self._writer_descriptor or 0, inheritable=False)
        os.close(null)

    def _own(self, flags: int) -> int:
        """Return a descriptor that may be non-blocking without harm to anybody else."""
        if stat.S_ISREG(self._mode):
            return self.descriptor
        try:
            own = os.open(
                f"/proc/self/fd/{self.descriptor}",
                flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY,
            )
        except OSError:
            # After a change of user, or without /proc, the file cannot be opened again.
            return self._borrow()
        self._undo.append(lambda: os.close(own))
        return own

    def _borrow(self) -> int:
        """Set O_NONBLOCK on the shared description and give it back as it was."""
        before = fcntl.fcntl(self.descriptor, fcntl.F_GETFL)
        fcntl.fcntl(self.descriptor, fcntl.F_SETFL, before | os.O_NONBLOCK)
        self._undo.append(lambda: self._restore(before))
        return self.descriptor

    def _restore(self, flags: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(self.descriptor, fcntl.F_SETFL, flags)

    def release(self) -> None:
        """Give back what was taken; the descriptor itself stays open."""
        while self._undo:
            with contextlib.suppress(OSError):
                self._undo.pop()()
