"""Descriptors that we were started with: STDIO, STDIN, STDOUT, STDERR, FD."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import ParameterType
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.core.units import parse_integer
from catflap.relay.channel import Channel, Ending
from catflap.relay.ending import ending_of
from catflap.relay.inherited import Inherited, access_mode
from catflap.relay.named import adjust_open
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.socket_options import SocketSetup
from catflap.relay.terminal import TERMINAL_OPTIONS, apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side

__all__ = ("StreamOpener",)

_STANDARD = {"STDIN": (0, -1), "STDOUT": (-1, 1), "STDERR": (-1, 2), "STDIO": (0, 1)}


class StreamOpener:
    """Uses descriptors that are open already."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | TERMINAL_OPTIONS
        | {
            "cloexec",
            "perm",
            "user",
            "group",
            "perm-late",
            "user-late",
            "group-late",
        }
    )

    def __init__(self, side: Side) -> None:
        """Find the descriptors.

        Raises:
            OperationError: one is not open.
        """
        self._side = side
        # The socket belongs to whoever gave it to us, who may go on with it: the C program never
        # shuts it down unless it is told to.
        self._lent = side.dialect is Dialect.SOCAT and not ending_of(side, "")
        self._ending = ending_of(side)
        self._setup = SocketSetup(side)
        self.target = side.kind.name.lower()
        self._numbers = _STANDARD.get(side.kind.name)
        if self._numbers is None:
            number = parse_integer(side.parameter(ParameterType.DESCRIPTOR))
            readable, writable = access_mode(number)
            self._numbers = (number if readable else -1, number if writable else -1)
            self.target = f"fd:{number}"

    async def open(self, opening: Opening) -> Channel:
        """Return the channel over them.

        Raises:
            OperationError: one is not open, or is open for the other way only.
        """
        read, write = self._numbers or (-1, -1)
        reads, writes = opening.reads and read >= 0, opening.writes and write >= 0
        if self._side.kind.name == "FD" and (reads, writes) != (opening.reads, opening.writes):
            way = "reading" if opening.reads and not reads else "writing"
            message = f"descriptor {max(read, write)} is not open for {way}"
            raise OperationError(message, "-u or -U for one way only")
        undo: list[Callable[[], None]] = []
        held: list[Inherited] = []
        try:
            source = sink = None
            if reads:
                held.append(Inherited(read, self.target))
                source = held[-1].reader(self._ending_of(held[-1]))
            if writes:
                same = held and write == read
                if not same:
                    held.append(Inherited(write, self.target))
                sink = held[-1].writer(self._ending_of(held[-1]))
            self._adjust(read if reads else write, undo)
        except OSError as error:
            _release(held, undo)
            message = f"{self.target} cannot be used: {error.strerror}"
            raise OperationError(message) from error
        except BaseException:
            _release(held, undo)
            raise
        channel = Channel(source, sink, self.target, lambda _abort: _release(held, undo))
        # Who does not hear that we are done does not end for it.
        channel.tells_end = all(
            each.tells_end and not (self._lent and each.is_socket) for each in held[:1]
        )
        return channel

    def _ending_of(self, given: Inherited) -> str:
        return Ending.NONE if self._lent and given.is_socket else self._ending

    def _adjust(self, descriptor: int, undo: list[Callable[[], None]]) -> None:
        adjust_open(self._side, descriptor, self.target)
        if self._setup:
            self._set_socket(descriptor)
        if any(option.row is not None for option in self._side.address.options):
            restore = apply(self._side, descriptor)
            if restore is not None:
                undo.append(restore)
        if self._side.flag("cloexec").value:
            os.set_inheritable(descriptor, False)

    def _set_socket(self, descriptor: int) -> None:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            message = f"{self.target} is no socket, so {self._setup.first} cannot be set"
            raise OperationError(message, "leave the option out")
        with socket.socket(fileno=os.dup(descriptor)) as same:
            self._setup.before(same)
            self._setup.after(same)

    def close(self) -> None:
        """Nothing is held between sessions."""


def _release(held: list[Inherited], undo: list[Callable[[], None]]) -> None:
    while undo:
        undo.pop()()
    while held:
        held.pop().release()
