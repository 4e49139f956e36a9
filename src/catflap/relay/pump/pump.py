"""Both directions of a session, and when the whole is over."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.relay.channel import Ending
from catflap.relay.pump.flow import Flow, FlowState, is_terminal
from catflap.relay.pump.nowhere import Nowhere, Stalled
from catflap.relay.pump.packet import PacketFlow
from catflap.relay.pump.pushed import PushedFlow, watch_of
from catflap.relay.pump.splice import SpliceFlow
from catflap.relay.pump.throttle import throttled

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.relay.channel import Channel, Reader, Writer
    from catflap.relay.poller import Poller
    from catflap.relay.pump.pipes import PipePool
    from catflap.relay.pump.quiet import Quiet, QuietRooms

__all__ = ("Outcome", "Pump", "PumpOptions")

_NO_END_SECONDS = 0.5
"""How long a side that cannot tell its end may still talk after the other has ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session's bytes came to their end.

    Args:
        closed_by: as in the event that tells it.
        abort: the end was a failure, and the other side should see a reset rather than an end.
        limit: which limit, with the option that changes it.
        rule: by which a session ended that was allowed before.
        failed: it counts as a failure, though the other side is let go with a plain end.
    """

    closed_by: str
    reason: str = ""
    abort: bool = False
    limit: str = ""
    rule: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class PumpOptions:
    """What governs the flow of one session's bytes; seconds, 0 for no limit.

    Args:
        forward: whether bytes go from near to far.
        backward: whether bytes go from far to near.
        near_cool: the near side may take no more without that being a failure (cool-write).
        far_cool: the same of the far side.
        forward_transform: changes bytes on the way to the far side.
        cuts_reset: whether a session that a limit cuts off ends with a reset on both sides. In the
            dialect of socat it ends as the C program lets it end.
        half_close_said: whether somebody chose ``half_close``; the short wait for a side that
            cannot tell its end holds only when nobody did.
        bandwidth: bytes a second, each way on its own.
        block: bytes read at once at most; 0 leaves it to us.
        near_break_fails: whether it is a failure that the near side takes no more while the far one
            still talks.
        far_break_fails: the same of the far side.
    """

    forward: bool = True
    backward: bool = True
    half_close: float = 60.0
    half_close_said: bool = False
    cuts_reset: bool = False
    block: int = 0
    idle: float = 0.0
    near_cool: bool = False
    far_cool: bool = False
    near_ignores_eof: bool = False
    far_ignores_eof: bool = False
    forward_transform: Callable[[bytes], bytes] | None = None
    backward_transform: Callable[[bytes], bytes] | None = None
    forward_tap: Callable[[bytes], None] | None = None
    backward_tap: Callable[[bytes], None] | None = None
    bandwidth: int = 0
    near_break_fails: bool = False
    far_break_fails: bool = False


class _Unminded:
    """Whom it does not matter how a flow ends: what it brings is dropped."""

    def flow_ended(self, flow: Flow) -> None:
        """Read no more."""
        flow.release_reader()

    def flow_broken(self, flow: Flow, error: OSError) -> None:
        """Nothing is written that could break."""

    def flow_failed(self, flow: Flow, error: OSError) -> None:
        """It has stopped by itself."""


class Pump:
    """Runs the flows of one session and says once how it ended."""

    __slots__ = (
        "_broken",
        "_deaf",
        "_done",
        "_far",
        "_first",
        "_loop",
        "_near",
        "_options",
        "_quiet",
        "_rooms",
        "_totals",
        "_unheard",
        "_watch_closes",
        "_watched",
        "backward",
        "finished",
        "forward",
        "lost",
    )

    def __init__(  # noqa: PLR0913 - what a pump is made of
        self,
        loop: Poller,
        near: Channel,
        far: Channel,
        options: PumpOptions,
        pool: PipePool,
        rooms: QuietRooms,
        done: Callable[[Outcome], None],
    ) -> None:
        """Prepare the flows that the channels and the options allow."""
        self._loop = loop
        self._near = near
        self._far = far
        self._options = options
        self._done = done
        self._rooms = rooms
        self._quiet: Quiet | None = None
        self._first = ""
        self._broken = ""
        self._unheard: Flow | None = None
        self._deaf: Flow | None = None
        self._watched = -1
        self._watch_closes = False
        self._totals = (0, 0)
        self.finished = False
        self.lost = 0
        self.forward: Flow | None = None
        self.backward: Flow | None = None
        if options.forward and near.reader is not None and far.writer is not None:
            self.forward = self._flow(
                near.reader,
                far.writer,
                pool,
                options.forward_transform,
                options.forward_tap,
                ignore_eof=options.near_ignores_eof,
            )
        if options.backward and far.reader is not None and near.writer is not None:
            self.backward = self._flow(
                far.reader,
                near.writer,
                pool,
                options.backward_transform,
                options.backward_tap,
                ignore_eof=options.far_ignores_eof,
            )

    def _flow(  # noqa: PLR0913 - one argument a property of the direction
        self,
        source: Reader,
        sink: Writer,
        pool: PipePool,
        transform: Callable[[bytes], bytes] | None,
        tap: Callable[[bytes], None] | None,
        *,
        ignore_eof: bool,
    ) -> Flow:
        rate, block = self._options.bandwidth, self._options.block
        if source.boundaries or sink.boundaries:
            kind: type[Flow] = PacketFlow if watch_of(source) is None else PushedFlow
        elif block or transform or tap or ignore_eof or not (source.bare and sink.bare):
            kind = Flow
        else:
            if rate:
                return throttled(SpliceFlow, rate)(self._loop, self, source, sink, pool)
            return SpliceFlow(self._loop, self, source, sink, pool)
        flow = throttled(kind, rate)(
            self._loop, self, source, sink, transform=transform, tap=tap, ignore_eof=ignore_eof
        )
        if block:
            flow.limit_block(block)
        return flow

    @property
    def sent(self) -> int:
        """Bytes from near to far."""
        return self.forward.total if self.forward is not None else self._totals[0]

    @property
    def received(self) -> int:
        """Bytes from far to near."""
        return self.backward.total if self.backward is not None else self._totals[1]

    def progress(self) -> int:
        """Return a number that changes whenever a byte moves."""
        return self.sent + self.received

    def start(self) -> None:
        """Let the bytes flow."""
        if self._options.idle:
            self._quiet = self._rooms.watch(
                self.progress, self._options.idle, self._idle, self._options.half_close
            )
        if self.forward is not None and not isinstance(self.forward.sink, Stalled):
            self.forward.start()
        if self.backward is not None and not isinstance(self.backward.sink, Stalled):
            self.backward.start()
        if self.forward is None and self.backward is None and not self.finished:
            self._finish(Outcome("near", "nothing flows between these addresses"))

    def stop(self) -> None:
        """Take back every callback; nobody is told.

        The flows are let go, for they and their pump hold each other: what is left to the cyclic
        collector costs a busy relay more than what is freed at once.
        """
        if self.finished:
            return
        self.finished = True
        self._totals = (self.sent, self.received)
        for flow in (self.forward, self.backward, self._unheard):
            if flow is not None:
                self.lost += flow.lost
                flow.stop(closing=True)
        if self._deaf is not None:
            self._deaf.stop(closing=True)
        self.forward = self.backward = self._unheard = self._deaf = None
        if self._watched >= 0:
            if self._watch_closes:
                self._loop.forget(self._watched)
            else:
                self._loop.remove_hangup(self._watched)
            self._watched = -1
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None

    def _watch(self, seconds: float, expired: Callable[[], None]) -> None:
        if self._quiet is not None:
            if self._quiet.shorten(seconds, expired):
                return
            self._quiet.cancel()
        self._quiet = self._rooms.watch(self.progress, seconds, expired)

    def _finish(self, outcome: Outcome) -> None:
        if self.finished:
            return
        self.stop()
        if self._broken and not outcome.abort:
            outcome = Outcome(self._first, self._broken, failed=True)
        self._done(outcome)

    def _side(self, flow: Flow, *, source: bool) -> str:
        return "near" if (flow is self.forward) == source else "far"

    def _other(self, flow: Flow) -> Flow | None:
        return self.backward if flow is self.forward else self.forward

    def flow_ended(self, flow: Flow) -> None:
        """Pass the end on and wait for the other direction, or finish when that is over too.

        Closing a channel ends it as well, so the second end needs no call of its own.
        """
        if flow is self._unheard:
            self._heard_out()
            return
        if not self._first:
            self._first = self._side(flow, source=True)
        other = self._other(flow)
        if other is None and (self._hear_out(flow) or self._drain(flow)):
            return
        if other is None or other.state is not FlowState.OPEN:
            self._finish(Outcome(self._first))
            return
        if not self._holds_back(flow):
            self._watch_listener(other)
        flow.release_reader()
        flow.sink.end()
        self._await_other(flow)

    def _holds_back(self, flow: Flow) -> bool:
        """Whether what was written may wait to be read where closing throws it away: a terminal."""
        end = self._far if flow is self.forward else self._near
        return not end.tells_end and is_terminal(flow.sink.descriptor)

    def _hear_out(self, flow: Flow) -> bool:
        """After a one-way session drop what the listener says, until it ends or for a moment.

        A socket that is closed while bytes wait unread sends a reset, and that makes the last of
        what was written get lost (RFC 1122, section 4.2.2.13). TLS 1.3 tickets are such bytes.
        """
        channel = self._far if flow is self.forward else self._near
        reader: Reader | None = channel.reader
        writer: object = channel.writer
        if reader is None or reader is not writer or reader.boundaries:
            return False
        flow.release_reader()
        flow.sink.end()
        self._unheard = Flow(self._loop, self, reader, Nowhere())
        self._watch(self._deaf_seconds(flow), self._heard_out)
        self._unheard.start()
        return True

    def _deaf_seconds(self, flow: Flow) -> float:
        """Return how long the far side may go on when nobody can be told what it says.

        Where both ways were wanted and one of them cannot be, as to a datagram's sender without a
        name, the far side is at work on what it got, and has what was said for that.
        """
        options = self._options
        both = options.backward if flow is self.forward else options.forward
        return options.half_close if both and options.half_close_said else _NO_END_SECONDS

    def _drain(self, flow: Flow) -> bool:
        """Let a program that only reads finish, until it is gone or its time is over."""
        seconds = (self._far if flow is self.forward else self._near).drains
        if not seconds or not flow.sink.pollable or flow.sink.descriptor < 0:
            return False
        flow.release_reader()
        flow.sink.end()
        self._watch(seconds, self._heard_out)
        self._watch_listener(flow)
        return True

    def _heard_out(self) -> None:
        self._finish(Outcome(self._first))

    def _watch_listener(self, flow: Flow) -> None:
        """End at once when nobody is left to hear the flow that still lives: a program that exited.

        A peer that has only ended what it says is not gone, and is not told as gone.
        """
        if flow.sink.pollable and self._watched < 0 and not self.finished:
            self._watched = flow.sink.descriptor
            self._watch_closes = flow.sink.closes
            self._loop.add_hangup(self._watched, self._hung_up)

    def _hung_up(self) -> None:
        self._finish(Outcome(self._first))

    def flow_broken(self, flow: Flow, error: OSError) -> None:
        """Let the other direction finish: a peer that reads no more may still have an answer."""
        if not self._first:
            self._first = self._side(flow, source=False)
        other = self._other(flow)
        reason = error.strerror or str(error)
        options, ahead = self._options, flow is self.forward
        cool = options.far_cool if ahead else options.near_cool
        if not cool and (options.far_break_fails if ahead else options.near_break_fails):
            # Whether the peer's reset is heard before the write or by it is a matter of moments.
            self._broken = reason = os.strerror(errno.EPIPE)
        if other is None or other.state is not FlowState.OPEN:
            self._finish(Outcome(self._first, reason, abort=other is None and not cool))
            return
        self._read_on(flow, other)
        self._await_other(flow)

    def _read_on(self, flow: Flow, other: Flow) -> None:
        """Take from whom nobody hears any more what it says, and drop it, once the hearer is gone.

        One that answers as it reads would else stand still for want of room, and with it the
        direction that still lives: until a limit, for a peer that is long gone. Where another
        descriptor hears than the one that talks, such as of a pipeline, that may go on for long.
        """
        sink: object = flow.sink
        if sink is other.source and self._deaf is None and not flow.source.boundaries:
            self._deaf = Flow(self._loop, _Unminded(), flow.source, Nowhere())
            self._deaf.start()

    def flow_failed(self, flow: Flow, error: OSError) -> None:
        """End both directions; what was said is not whole, so the other side sees a reset."""
        if flow is self._unheard:
            self._heard_out()
            return
        reason = error.strerror or str(error)
        other = self._other(flow)
        if other is not None and other.state is FlowState.BROKEN:
            self._finish(Outcome(self._first or self._side(flow, source=True), reason, abort=True))
            return
        self._finish(Outcome(self._side(flow, source=True), reason, abort=True))

    def _await_other(self, flow: Flow) -> None:
        """Give the direction that still lives its time."""
        talker = self._far if flow is self.forward else self._near
        seconds = self._options.half_close
        # Who is not told that the other side ended has no reason to end.
        untold = getattr(flow.sink, "ending", "") == Ending.NONE
        if (untold or not talker.tells_end) and not self._options.half_close_said:
            seconds = _NO_END_SECONDS
        # A shorter limit on all silence goes on to hold.
        if seconds and not 0 < self._options.idle <= seconds:
            self._watch(seconds, self._half_closed)

    def _half_closed(self) -> None:
        limit = f"half-close-timeout={self._options.half_close:g}"
        reason = "no byte since one side ended"
        if not self._told():
            self._finish(Outcome(self._first, reason, limit=limit))
            return
        self._finish(Outcome("limit", reason, abort=self._options.cuts_reset, limit=limit))

    def _told(self) -> bool:
        """Whether the side that is still open could have told its end."""
        return (self._far if self._first == "near" else self._near).tells_end

    def _idle(self) -> None:
        """End for silence, which is a cut where whoever still talks could have told its end.

        A side that cannot, such as the sender of packets, has no other end than its silence.
        """
        limit = f"idle-timeout={self._options.idle:g}"
        talks = ((self.forward, self._near), (self.backward, self._far))
        tells = all(
            side.tells_end
            for flow, side in talks
            if flow is not None and flow.state is FlowState.OPEN
        )
        abort = self._options.cuts_reset and tells
        self._finish(Outcome("limit", "no byte either way", abort=abort, limit=limit))
