"""The pump for endpoints that keep message boundaries: one read, one write.

An empty packet is a packet, not an end. A packet that cannot be written now is held whole; one
that the sink refuses for its size is counted as lost and the flow goes on, unless it is a piece of
a stream.

Where packets come faster than wake-ups, several are read in one turn and handed to the sink as a
run, which may go out by one system call. Between two sockets whose packets nobody looks at they
stay where the kernel put them (:mod:`catflap.relay.packets.batch`).
"""

from __future__ import annotations

import errno
from collections import deque
from typing import TYPE_CHECKING, Protocol

from catflap.relay.channel import PACKETS_END
from catflap.relay.pump.flow import SCRATCH, Flow, FlowState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catflap.relay.packets.batch import Batch
    from catflap.relay.packets.inbox import Inbox

__all__ = ("PacketFlow",)

_LOST = frozenset({errno.EMSGSIZE, errno.ENOBUFS, errno.ECONNREFUSED})
_NOT_TOGETHER = _LOST | {errno.E2BIG, errno.EINTR, errno.EINVAL, errno.EIO, errno.EOPNOTSUPP}
"""What may be said of many packets at once, and of each by itself again if it is true of it."""

_BLOCK_BYTES = 8192
"""What is read at once of a stream that goes out in packets: socat's block size."""

_FULL_QUEUE_SECONDS = 0.001
"""How soon to try again where no poll tells that there is room: a UNIX datagram peer's queue."""

_BURST = 16
_LOOK_EVERY = 4
"""How often a source that had one packet the last time is asked whether it has a second."""


_JOIN_FROM = 8
"""From so many packets at once on the kernel is asked to join them. A single packet costs less when
it is read by itself, which is not possible any more then."""


class _Filling(Protocol):
    """A reader of many packets at once."""

    def fill(self, inbox: Inbox, /) -> int:
        """Read into slots; return how many, or PACKETS_END."""

    def ask_joined(self) -> None:
        """Take joined packets from here on."""


class PacketFlow(Flow):
    """A flow that never joins or splits what it reads."""

    __slots__ = (
        "_bursts",
        "_eager",
        "_held",
        "_inbox",
        "_joined",
        "_turns",
        "_write_batch",
        "_write_run",
        "lost",
    )

    lost: int
    whole_batches = True
    """Whether as much may be read at once as there is."""

    def start(self) -> None:
        """Begin to move packets."""
        self.lost = 0
        self._held: deque[bytes] = deque()
        self._turns = 0
        self._eager = False
        self._bursts = getattr(self._source, "bursts", False)
        self._write_batch = self._batch_writer()
        self._inbox: Inbox | None = None
        self._joined = False
        if self._write_batch is not None:
            open_inbox = getattr(self._source, "inbox", None)
            self._inbox = None if open_inbox is None else open_inbox()
            self._bursts = self._bursts or self._inbox is not None
        self._write_run: Callable[[Sequence[bytes]], int] | None
        self._write_run = getattr(self._sink, "write_run", None)
        if not self._source.boundaries and self._buffer is SCRATCH:
            self._buffer = SCRATCH[:_BLOCK_BYTES]
        super().start()

    def _batch_writer(self) -> Callable[[Batch, int], int] | None:
        """Return what writes packets in slots; ``None`` where somebody has to see them before."""
        if not self.whole_batches or self._tap is not None or self._transform is not None:
            return None
        takes = getattr(self._sink, "takes_batches", None)
        if takes is None or self._buffer is not SCRATCH or not takes():
            return None
        return self._sink.write_batch  # type: ignore[attr-defined, no-any-return]

    def readable(self) -> None:
        """Read one packet, or a burst, and write it."""
        self._again = None
        if self._bursts:
            self._turns += 1
            if self._eager or self._turns % _LOOK_EVERY == 0:
                if self._inbox is not None:
                    self._read_batch(self._inbox)
                else:
                    self._read_burst()
                return
        try:
            count = self._read_into(self._buffer)
        except OSError as error:
            self._not_read(error)
            return
        if count <= 0 and (count < 0 or not self._source.boundaries):
            self._source_ended()
            return
        self._pass_on(self._seen(bytes(self._buffer[:count])))

    def _not_read(self, error: OSError) -> None:
        """Wait for packets, count one that an ICMP message says is lost, or fail."""
        if isinstance(error, (BlockingIOError, InterruptedError)):
            self._rearm()
        elif error.errno == errno.ECONNREFUSED:
            self.lost += 1
            self._rearm()
        else:
            self._fail(error)

    def _read_batch(self, inbox: Inbox) -> None:
        """Read what is there into slots and write it from there."""
        source: _Filling = self._source  # type: ignore[assignment]
        try:
            count = source.fill(inbox)
        except OSError as error:
            self._not_read(error)
            return
        if count == PACKETS_END:
            self._source_ended()
            return
        if count >= _JOIN_FROM and not self._joined:
            # From here on a read without an inbox would not see where packets end.
            self._joined = True
            source.ask_joined()
        self._eager = self._joined or count > 1
        self.pass_batch(inbox.whole())

    def pass_batch(self, batch: Batch) -> None:
        """Write packets that are in slots; those that cannot be written now are held."""
        write = self._write_batch
        if write is None:
            message = "the sink takes no batches"
            raise TypeError(message)
        self.total += sum(batch.sizes)
        start, count = 0, len(batch.sizes)
        while start < count:
            try:
                start += write(batch, start)
            except BlockingIOError:
                self._held.extend(batch.packets(start))
                self._keep(self._held.popleft())
                return
            except OSError as error:
                if error.errno == errno.ECONNREFUSED:
                    # It is about a packet that was sent before; these were not tried.
                    self.lost += 1
                elif error.errno not in _NOT_TOGETHER:
                    self._break(error)
                    return
                self._pass_run(batch.packets(start))
                return
        if not self._reading:
            self._rearm()

    def _read_burst(self) -> None:
        """Read what is there, up to a bound that leaves others their turn."""
        packets: list[bytes] = []
        failure: OSError | None = None
        while len(packets) < _BURST:
            try:
                count = self._read_into(self._buffer)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                if error.errno == errno.ECONNREFUSED:
                    self.lost += 1
                else:
                    failure = error
                break
            packets.append(self._seen(bytes(self._buffer[:count])))
        self._eager = len(packets) > 1
        if packets:
            self._pass_run(packets)
        else:
            self._rearm()
        if failure is not None and self.state is FlowState.OPEN:
            self._fail(failure)

    def _seen(self, packet: bytes) -> bytes:
        """Count a packet, show what it becomes to whoever taps, and return that."""
        self.total += len(packet)
        if self._transform is not None:
            packet = self._transform(packet)
        if self._tap is not None:
            self._tap(packet)
        return packet

    def _pass_run(self, packets: Sequence[bytes]) -> None:
        """Write packets in order; those behind one that cannot be written now are held too."""
        if self._write_run is None or len(packets) == 1:
            self._held.extend(packets)
            self._pass_on(self._held.popleft())
            return
        start = 0
        while start < len(packets):
            try:
                start += self._write_run(packets[start:])
            except BlockingIOError:
                self._held.extend(packets[start + 1 :])
                self._keep(packets[start])
                return
            except OSError as error:
                if error.errno not in _LOST:
                    self._break(error)
                    return
                self.lost += 1
                start += 1
        self._rearm()

    def _pass_on(self, packet: bytes) -> None:
        """Write a packet and those that are held behind it, then read again."""
        while True:
            try:
                sent = self._write(packet)
            except BlockingIOError:
                self._keep(packet)
                return
            except OSError as error:
                if not self._loses(error):
                    self._break(error)
                    return
                self.lost += 1
                sent = len(packet)
            if sent < len(packet) and not self._sink.boundaries:
                self._hold(packet[sent:])
                return
            if not self._held:
                self._rearm()
                return
            packet = self._held.popleft()

    def _loses(self, error: OSError) -> bool:
        """Whether a packet is lost and the flow goes on; a hole in a stream is no such thing."""
        of_stream = not self._source.boundaries and error.errno == errno.EMSGSIZE
        return error.errno in _LOST and not of_stream

    def _keep(self, packet: bytes) -> None:
        self._rest = packet
        self._pause()
        self._await_writer(self.writable)

    def _await_writer(self, callback: Callable[[], None]) -> None:
        if self._sink.pollable or not self._sink.boundaries:
            super()._await_writer(callback)
        else:
            self._again = self._loop.call_later(_FULL_QUEUE_SECONDS, callback)

    def writable(self) -> None:
        """Write the packet that was held; a packet goes whole or not at all."""
        try:
            sent = self._write(self._rest)
        except BlockingIOError:
            if not self._writing:
                self._await_writer(self.writable)
            return
        except OSError as error:
            if not self._loses(error):
                self._break(error)
                return
            self.lost += 1
            sent = len(self._rest)
        if sent < len(self._rest) and not self._sink.boundaries:
            self._rest = memoryview(self._rest)[sent:]
            if not self._writing:
                self._await_writer(self.writable)
            return
        if self._held:
            self._rest = self._held.popleft()
            if not self._writing:
                self._await_writer(self.writable)
            return
        self._rest = b""
        self._writer_done()
        self._resume()
