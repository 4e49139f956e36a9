"""What lies between us and a child: a socket pair, two pipes, or a terminal."""

from __future__ import annotations

import fcntl
import os
import select
import socket
from functools import partial
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.relay.channel import (
    DescriptorReader,
    DescriptorWriter,
    Ending,
    SocketHalf,
)
from catflap.relay.ending import ending_of
from catflap.relay.named import adjust_entry
from catflap.relay.openers.pty import name_terminal
from catflap.relay.terminal import apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.relay.channel import Reader, Writer
    from catflap.relay.openers.child_packets import PacketsOfChild
    from catflap.relay.opening import Opening
    from catflap.relay.socket_options import SocketSetup

__all__ = ("Ends", "make_pipes", "make_socket_pair", "make_terminal")


class Ends:
    """Our halves, and what the child gets.

    Args:
        tells_end: whether the child can end what it writes and still read.
    """

    __slots__ = (
        "_ours",
        "_theirs",
        "child_gone",
        "child_reads",
        "child_writes",
        "reader",
        "tells_end",
        "terminal",
        "writer",
    )

    def __init__(self, *, tells_end: bool = True) -> None:
        """Start with nothing."""
        self.reader: Reader | None = None
        self.writer: Writer | None = None
        self.child_reads = -1
        self.child_writes = -1
        self.terminal = ""
        self.tells_end = tells_end
        self.child_gone: Callable[[], None] | None = None
        self._ours: dict[int, Callable[[], None]] = {}
        self._theirs: list[int] = []

    def hold(self, ours: int, theirs: int, close: Callable[[], None] | None = None) -> None:
        """Own a pair of descriptors, and know how ours is closed."""
        self._ours[ours] = close if close is not None else partial(os.close, ours)
        self._theirs.append(theirs)

    def close_also(self, ours: int, other: Callable[[], None]) -> None:
        """Do something else too when one of ours is closed, and before."""
        close = self._ours[ours]

        def both() -> None:
            other()
            close()

        self._ours[ours] = both

    def close_theirs(self) -> None:
        """Close what the child has by now, so that its end is seen here."""
        while self._theirs:
            os.close(self._theirs.pop())

    def hangs_up(self) -> bool:
        """Whether closing ours takes away a terminal that a program still holds open."""
        return bool(self.terminal) and not self.is_left()

    def is_left(self) -> bool:
        """Whether nobody holds the other end open any more."""
        poll = select.poll()
        for descriptor in self._ours:
            poll.register(descriptor, 0)
        return any(events & select.POLLHUP for _, events in poll.poll(0))

    def close_one(self, descriptor: int) -> None:
        """Close one of ours, once: its number may be another's by the second time."""
        close = self._ours.pop(descriptor, None)
        if close is not None:
            close()

    def close(self) -> None:
        """Close everything, and let the halves go: a writer that can close holds us."""
        self.reader = self.writer = None
        self.close_theirs()
        for descriptor in tuple(self._ours):
            self.close_one(descriptor)


def make_socket_pair(side: Side, setup: SocketSetup, opening: Opening) -> Ends:
    """Return a UNIX socket pair: one descriptor for both ways, each of which can end alone.

    With ``so-type`` it may keep packets apart; a datagram socket tells no end by itself, so the
    end of the child is the end of what it says.

    Raises:
        OSError: no descriptor is left.
        OperationError: the kernel makes no such pair, or refuses an option.
    """
    ends = Ends()
    kind = side.number("so-type", socket.SOCK_STREAM).value
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
    except OSError as error:
        if kind == socket.SOCK_STREAM:
            raise
        message = f"a pair of sockets of type {kind} cannot be made: {error.strerror}"
        raise OperationError(message, "1 stream, 2 datagram, 5 packet stream") from error
    try:
        # The child's end is another open file: it stays blocking.
        ours.setblocking(False)
        setup.before(ours)
        setup.after(ours)
    except BaseException:
        ours.close()
        theirs.close()
        raise
    half: SocketHalf | PacketsOfChild
    if kind == socket.SOCK_STREAM:
        half = SocketHalf(ours, ending=ending_of(side))
    else:
        from catflap.relay.openers.child_packets import PacketsOfChild

        half = packets = PacketsOfChild(ours, ending_of(side))
        ends.tells_end = kind == socket.SOCK_SEQPACKET
        ends.child_gone = packets.child_gone
    given = theirs.detach()
    ends.hold(ours.fileno(), given, ours.close)
    if opening.reads:
        ends.reader, ends.child_writes = half, given
    if opening.writes:
        ends.writer, ends.child_reads = half, given
    return ends


def make_pipes(side: Side, opening: Opening) -> Ends:
    """Return a pipe for each way that bytes go.

    Raises:
        OSError: no descriptor is left.
    """
    ends = Ends()
    try:
        if opening.reads:
            ours, theirs = _pipe(side)
            ends.hold(ours, theirs)
            os.set_blocking(ours, False)
            ends.reader, ends.child_writes = DescriptorReader(ours), theirs
        if opening.writes:
            theirs, ours = _pipe(side)
            ends.hold(ours, theirs)
            os.set_blocking(ours, False)
            tells = ending_of(side) != Ending.NONE
            close = partial(ends.close_one, ours) if tells else None
            ends.writer, ends.child_reads = DescriptorWriter(ours, close=close), theirs
    except BaseException:
        ends.close()
        raise
    return ends


def _pipe(side: Side) -> tuple[int, int]:
    read, write = os.pipe2(os.O_CLOEXEC)
    size = side.value("f-setpipe-sz").value
    if isinstance(size, int):
        try:
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, size)
        except OSError as error:
            os.close(read)
            os.close(write)
            message = f"a pipe cannot hold {size} bytes: {error.strerror}"
            raise OperationError(message, "/proc/sys/fs/pipe-max-size is the limit") from error
    return read, write


def make_terminal(side: Side, opening: Opening) -> Ends:
    """Return a pseudo-terminal; the child gets the slave, with its settings made.

    Raises:
        OSError: no descriptor or terminal is left.
        OperationError: the terminal refuses a setting.
    """
    ends = Ends(tells_end=False)
    ours, theirs = os.openpty()
    ends.hold(ours, theirs)
    try:
        apply(side, theirs)
        os.set_blocking(ours, False)
        ends.terminal = os.ttyname(theirs)
        adjust_entry(side, ends.terminal)
        ends.close_also(ours, name_terminal(side, ends.terminal))
        if opening.reads:
            ends.reader, ends.child_writes = DescriptorReader(ours), theirs
        if opening.writes:
            ends.writer, ends.child_reads = DescriptorWriter(ours), theirs
    except BaseException:
        ends.close()
        raise
    return ends
