"""One direction of a session: read, perhaps change, write, and hold what did not fit.

A flow that cannot write stops reading and only then arms the writer, so a slow reader slows its
own writer and nobody else.
"""

from __future__ import annotations

import errno
import mmap
import os
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from catflap.relay.channel import is_local

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from catflap.relay.channel import Reader, Writer
    from catflap.relay.poller import Poller

__all__ = ("BUFFER_BYTES", "SCRATCH", "Flow", "FlowOwner", "FlowState", "is_terminal")

BUFFER_BYTES = 128 * 1024
"""One read; several TLS records, or as much as a socket gives at once."""

SCRATCH = memoryview(mmap.mmap(-1, BUFFER_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
"""One buffer for all flows of the process: it is used within one call, on one thread.

It begins at a page, because a file that is open with O_DIRECT is read into no other (open(2)).
"""

_IGNORE_EOF_SECONDS = 1.0
_GONE = frozenset({errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN, errno.ENOTCONN})


def is_terminal(descriptor: int) -> bool:
    """Whether it is a terminal, or the other side of one; what is none, or closed, is not."""
    return descriptor >= 0 and os.isatty(descriptor)


class FlowState(Enum):
    """Where a flow is in its life."""

    OPEN = "open"
    ENDED = "ended"
    BROKEN = "broken"


class FlowOwner(Protocol):
    """Who is told how a flow ends."""

    def flow_ended(self, flow: Flow) -> None:
        """The source ended and everything was delivered; the sink is now to be ended."""

    def flow_broken(self, flow: Flow, error: OSError) -> None:
        """The sink takes no more; the other direction may still live."""

    def flow_failed(self, flow: Flow, error: OSError) -> None:
        """The source failed: what was said is not whole."""


class Flow:
    """Copies from a reader to a writer by way of the shared buffer.

    Args:
        transform: changes the bytes on their way (cr, crnl), or ``None``.
        tap: sees the bytes on their way (a payload dump), or ``None``.
        ignore_eof: keep asking a source that has ended, as ``ignoreeof`` does.
    """

    lost: int = 0

    __slots__ = (
        "_again",
        "_buffer",
        "_ignore_eof",
        "_loop",
        "_owner",
        "_read_into",
        "_reading",
        "_rest",
        "_sink",
        "_source",
        "_tap",
        "_transform",
        "_write",
        "_writing",
        "state",
        "total",
    )

    def __init__(  # noqa: PLR0913 - what a direction is made of
        self,
        loop: Poller,
        owner: FlowOwner,
        source: Reader,
        sink: Writer,
        *,
        transform: Callable[[bytes], bytes] | None = None,
        tap: Callable[[bytes], None] | None = None,
        ignore_eof: bool = False,
    ) -> None:
        """Prepare; nothing moves before :meth:`start`."""
        self._loop = loop
        self._owner = owner
        self._source = source
        self._sink = sink
        self._read_into = source.read_into
        self._write = sink.write
        self._buffer = SCRATCH
        self._transform = transform
        self._tap = tap
        self._ignore_eof = ignore_eof
        self._rest: bytes | memoryview = b""
        self._reading = False
        self._writing = False
        self._again: asyncio.Handle | None = None
        self.state = FlowState.OPEN
        self.total = 0

    @property
    def source(self) -> Reader:
        """Where the bytes come from."""
        return self._source

    @property
    def sink(self) -> Writer:
        """Where the bytes go."""
        return self._sink

    def limit_block(self, count: int) -> None:
        """Read at most so many bytes at once, before the start."""
        self._buffer = SCRATCH[:count]

    def start(self) -> None:
        """Begin to move bytes."""
        self._resume()

    def stop(self, *, closing: bool = False) -> None:
        """Take all callbacks back; bytes that are held are given up.

        Args:
            closing: whether the descriptors are closed next, which spares epoll the farewell.
        """
        if closing and self._reading and self._source.closes:
            self._loop.forget(self._source.descriptor)
            self._reading = False
        self._pause()
        if self._writing:
            self._loop.remove_writer(self._sink.descriptor)
            self._writing = False

    def give_up(self) -> None:
        """End both directions after a defect of ours: what was read may be lost."""
        if self.state is FlowState.OPEN:
            self.stop()
            self.state = FlowState.BROKEN
            self._owner.flow_failed(self, OSError(errno.EIO, "a defect of catflap's own"))

    def release_reader(self) -> None:
        """Ask for no more bytes: the source has ended."""
        self._pause()

    def _resume(self) -> None:
        if self._source.pollable and not self._source.buffered():
            self._loop.add_reader(self._source.descriptor, self.readable)
            self._reading = True
        else:
            self._again = self._loop.call_soon(self.readable)

    def _pause(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._source.descriptor)
            self._reading = False
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def readable(self) -> None:
        """Read once and write what was read."""
        if self._again is not None:
            # Epoll may be first: the turn that was asked for must not come once we have paused.
            self._again.cancel()
            self._again = None
        try:
            count = self._read_into(self._buffer)
        except BlockingIOError:
            self._rearm()
            return
        except InterruptedError:
            self._rearm()
            return
        except OSError as error:
            self._fail(error)
            return
        if count == 0:
            self._source_ended()
            return
        self.total += count
        self._deliver(count)

    def _deliver(self, count: int) -> None:
        """Write ``count`` bytes of the buffer, then see to the next read."""
        data: memoryview | bytes = self._buffer[:count]
        if self._transform is not None:
            data = self._transform(bytes(data))
            if not data:
                self._rearm()
                return
        if self._tap is not None:
            # What is shown is what is written, as in the C program.
            self._tap(bytes(data))
        try:
            sent = self._write(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._break(error)
            return
        if sent < len(data):
            self._hold(data[sent:])
        else:
            self._rearm()

    def _rearm(self) -> None:
        """Ask for the next read, however this source is asked."""
        if self._reading and not self._source.buffered():
            return
        if self._source.pollable and not self._source.buffered():
            self._loop.add_reader(self._source.descriptor, self.readable)
            self._reading = True
        elif self._again is None:
            self._again = self._loop.call_soon(self.readable)

    def _hold(self, data: memoryview | bytes) -> None:
        self._rest = bytes(data)
        self._pause()
        self._await_writer(self.writable)

    def _await_writer(self, callback: Callable[[], None]) -> None:
        if self._sink.pollable:
            self._loop.add_writer(self._sink.descriptor, callback)
            self._writing = True
        else:
            self._again = self._loop.call_soon(callback)

    def writable(self) -> None:
        """Write what was held; when all is gone, read again."""
        try:
            sent = self._write(self._rest)
        except BlockingIOError:
            if not self._writing:
                self._await_writer(self.writable)
            return
        except OSError as error:
            self._break(error)
            return
        self._rest = memoryview(self._rest)[sent:] if sent < len(self._rest) else b""
        if self._rest:
            if not self._writing:
                self._await_writer(self.writable)
            return
        self._writer_done()
        self._resume()

    def _writer_done(self) -> None:
        if self._writing:
            self._loop.remove_writer(self._sink.descriptor)
            self._writing = False

    def _source_ended(self) -> None:
        if self._ignore_eof:
            self._pause()
            self._again = self._loop.call_later(_IGNORE_EOF_SECONDS, self._resume)
            return
        self.finish()

    def finish(self) -> None:
        """The source has ended and nothing is held; the owner ends the sink and the reading."""
        if not self._sink.bare and not self._say_end():
            return
        self.state = FlowState.ENDED
        self._owner.flow_ended(self)

    def _say_end(self) -> bool:
        """Say the end where saying it may take waiting: close_notify needs room in the socket."""
        try:
            self._sink.end()
        except BlockingIOError:
            self._pause()
            if not self._writing:
                self._await_writer(self.finish)
            return False
        self._writer_done()
        return True

    def _break(self, error: OSError) -> None:
        self.stop()
        self._rest = b""
        self.state = FlowState.BROKEN
        if error.errno in _GONE:
            self._owner.flow_broken(self, error)
        else:
            self._owner.flow_failed(self, error)

    def _fail(self, error: OSError) -> None:
        bare = self._source.bare
        if error.errno == errno.ECONNRESET and bare and is_local(self._source.descriptor):
            # A local peer that leaves without having read everything resets the socket, but all
            # that it said has been read by then (unix(7)); over TCP bytes may be missing.
            self._source_ended()
            return
        self.stop()
        self.state = FlowState.BROKEN
        self._owner.flow_failed(self, error)
