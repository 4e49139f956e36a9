"""A limit on the bytes a second of one direction: a bucket of tokens in front of the reader.

A direction without tokens stops reading and sets a timer; nothing polls meanwhile, and the kernel
slows the sender down (TCP's window, a pipe that is full). Unlimited sessions use the flows without
this, so that the limit costs nobody else anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catflap.relay.pump.flow import Flow, FlowState
from catflap.relay.pump.packet import PacketFlow
from catflap.relay.pump.pushed import PushedFlow
from catflap.relay.pump.splice import SpliceFlow

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Bucket", "throttled")

_SLICES = 8
"""The bucket holds an eighth of a second's bytes, and half of that is waited for when it is empty:
sixteen wake-ups a second at most, and no second in which much more than the limit passes."""

_SPLICE_FROM = 16 * 1024 * 1024
"""Bytes a second from which a pipe of 1 MiB at once is little beside the limit."""


class Bucket:
    """Tokens for bytes; it may owe some, where what is read has no smaller parts.

    Args:
        rate: bytes a second, 1 and up.
        now: seconds of a clock that never runs backwards.
    """

    __slots__ = ("_most", "_rate", "_stamp", "_tokens")

    def __init__(self, rate: int, now: float) -> None:
        """Start full."""
        self._rate = rate
        self._most = max(1.0, rate / _SLICES)
        self._tokens = self._most
        self._stamp = now

    def allowance(self, now: float) -> int:
        """Return how many bytes may be read now."""
        self._tokens = min(self._most, self._tokens + (now - self._stamp) * self._rate)
        self._stamp = now
        return max(0, int(self._tokens))

    def spend(self, count: int) -> None:
        """Take tokens for bytes that were read."""
        self._tokens -= count

    def wait(self) -> float:
        """Return the seconds until it is worth while to read again."""
        return max((max(1.0, self._most / 2) - self._tokens) / self._rate, 0.001)


class _Throttled(Flow):
    """What stands in front of any flow's reading."""

    bucket: Bucket
    whole: memoryview
    parts = True
    """Whether less than a whole read may be asked for."""

    def limit(self, rate: int) -> None:
        """Set the limit, before the flow starts."""
        self.bucket = Bucket(rate, self._loop.time())
        self.whole = self._buffer

    def limit_block(self, count: int) -> None:
        """Read no more than so many bytes at once."""
        super().limit_block(count)
        self.whole = self._buffer

    def readable(self) -> None:
        """Read as much as there are tokens for; without any, pause until there are."""
        allowed = self.bucket.allowance(self._loop.time())
        if not allowed:
            self._pause()
            self._again = self._loop.call_later(self.bucket.wait(), self._go_on)
            return
        if self.parts:
            self._buffer = self.whole[:allowed]
        before = self.total
        super().readable()
        self.bucket.spend(self.total - before)

    def _go_on(self) -> None:
        self._again = None
        if self.state is FlowState.OPEN:
            self._resume()


class _ThrottledSplice(_Throttled, SpliceFlow):
    def limit(self, rate: int) -> None:
        """Set the limit; a pipe is for those that are far from feeling it."""
        super().limit(rate)
        self._cannot = rate < _SPLICE_FROM


class _ThrottledPackets(_Throttled, PacketFlow):
    """A packet goes whole; what it took too much is owed."""

    parts = False
    whole_batches = False


class _ThrottledPushed(_Throttled, PushedFlow):
    parts = False
    whole_batches = False


_KINDS: dict[type[Flow], type[_Throttled]] = {
    Flow: _Throttled,
    SpliceFlow: _ThrottledSplice,
    PacketFlow: _ThrottledPackets,
    PushedFlow: _ThrottledPushed,
}


def throttled(kind: type[Flow], rate: int) -> Callable[..., Flow]:
    """Return what makes a flow of this kind that reads no more than ``rate`` bytes a second.

    Args:
        kind: one of the pump's flows.
        rate: bytes a second; 0 is no limit.
    """
    if not rate:
        return kind
    limited = _KINDS[kind]

    def make(*arguments: Any, **options: Any) -> Flow:
        flow = limited(*arguments, **options)
        flow.limit(rate)
        return flow

    return make
