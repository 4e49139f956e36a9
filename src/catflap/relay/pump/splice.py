"""The pump between two bare stream descriptors: copies little, splices much.

Small messages take one recv_into and one send. When a read fills the buffer, bytes go through a
pipe by splice(2) and never enter this process; when they become few again the pipe is given back.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from catflap.relay.pump.flow import SCRATCH, Flow

if TYPE_CHECKING:
    from catflap.relay.channel import Reader, Writer
    from catflap.relay.poller import Poller
    from catflap.relay.pump.flow import FlowOwner
    from catflap.relay.pump.pipes import Pipe, PipePool

__all__ = ("SpliceFlow",)

_FIRST_READ = 64 * 1024
_LITTLE = 16 * 1024
_TURNS_OF_LITTLE = 8
_MOVE = os.SPLICE_F_MOVE | os.SPLICE_F_NONBLOCK
_CANNOT = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


class SpliceFlow(Flow):
    """A flow that lends itself a pipe while bytes flow fast."""

    __slots__ = ("_cannot", "_in_pipe", "_little", "_pipe", "_pool")

    def __init__(
        self,
        loop: Poller,
        owner: FlowOwner,
        source: Reader,
        sink: Writer,
        pool: PipePool,
    ) -> None:
        """Prepare; ``pool`` lends the pipe."""
        super().__init__(loop, owner, source, sink)
        self._buffer = SCRATCH[:_FIRST_READ]
        self._pool = pool
        self._pipe: Pipe | None = None
        self._in_pipe = 0
        self._little = 0
        self._cannot = False

    def start(self) -> None:
        """Begin to move bytes; a bare descriptor never hides any from poll."""
        self._loop.add_reader(self._source.descriptor, self.readable)
        self._reading = True

    def stop(self, *, closing: bool = False) -> None:
        """Take all callbacks back and return the pipe."""
        super().stop(closing=closing)
        self._return_pipe()

    def release_reader(self) -> None:
        """Ask for no more bytes and return the pipe."""
        super().release_reader()
        self._return_pipe()

    def _return_pipe(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            self._pool.give_back(pipe, empty=self._in_pipe == 0)
            self._in_pipe = 0

    def readable(self) -> None:
        """Read or splice once.

        This is the same as the base's way for small messages, written in one piece: it runs for
        every message of every kept connection.
        """
        if self._pipe is not None:
            self._splice(self._pipe)
            return
        try:
            count = self._read_into(self._buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._fail(error)
            return
        if not count:
            self._source_ended()
            return
        self.total += count
        data = self._buffer[:count]
        try:
            sent = self._write(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._break(error)
            return
        if sent < count:
            self._hold(data[sent:])
        if count >= _FIRST_READ and not self._cannot:
            self._pipe = self._pool.take()
            self._little = 0

    def _splice(self, pipe: Pipe) -> None:
        try:
            count = os.splice(self._source.descriptor, pipe.write, pipe.capacity, flags=_MOVE)
        except BlockingIOError:
            self._return_pipe()
            return
        except OSError as error:
            if error.errno in _CANNOT:
                self._fall_back()
            else:
                self._fail(error)
            return
        if count == 0:
            self._source_ended()
            return
        self.total += count
        self._in_pipe = count
        self._little = 0 if count >= _LITTLE else self._little + 1
        self._pour()

    def _pour(self) -> None:
        """Empty the pipe into the sink."""
        pipe = self._pipe
        if pipe is None:
            return
        try:
            moved = os.splice(pipe.read, self._sink.descriptor, self._in_pipe, flags=_MOVE)
        except BlockingIOError:
            moved = 0
        except OSError as error:
            if error.errno in _CANNOT:
                self._fall_back()
            else:
                self._break(error)
            return
        self._in_pipe -= moved
        if self._in_pipe:
            if not self._writing:
                self._pause()
                self._await_writer(self._pour)
            return
        if self._writing:
            self._writer_done()
            self._resume()
        if self._little >= _TURNS_OF_LITTLE:
            self._return_pipe()

    def _fall_back(self) -> None:
        """Go on by copying: one of the descriptors cannot be spliced."""
        self._cannot = True
        pipe, held = self._pipe, self._in_pipe
        if pipe is not None and held:
            data = os.read(pipe.read, held)
            self._in_pipe = 0
            self._return_pipe()
            self._writer_done()
            self._hold(data)
            return
        self._return_pipe()
