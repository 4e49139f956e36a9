"""Options that change bytes on their way: cr, crnl, readbytes, escape; and what ends when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.relay.channel import PACKETS_END
from catflap.relay.pump.pushed import watch_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.relay.channel import Channel, Reader

__all__ = ("EscapedReader", "LimitedReader", "apply_limits", "transform_between")


def _line_feed_to_return(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r")


def _return_to_line_feed(data: bytes) -> bytes:
    return data.replace(b"\r", b"\n")


def _line_feed_to_both(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _return_to_both(data: bytes) -> bytes:
    return data.replace(b"\r", b"\r\n")


def _without_returns(data: bytes) -> bytes:
    return data.replace(b"\r", b"")


def _both_to_return(data: bytes) -> bytes:
    return _line_feed_to_return(_without_returns(data))


_BETWEEN = {
    ("", "cr"): _line_feed_to_return,
    ("", "crnl"): _line_feed_to_both,
    ("cr", ""): _return_to_line_feed,
    ("cr", "crnl"): _return_to_both,
    ("crnl", ""): _without_returns,
    ("crnl", "cr"): _both_to_return,
}
"""What turns line ends into others; those that are alike on both sides are left alone."""


def transform_between(source: Side | None, sink: Side | None) -> Callable[[bytes], bytes] | None:
    """Return what turns the line ends of one side into those of the other; ``None`` for nothing."""
    return _BETWEEN.get((_line_end_of(source), _line_end_of(sink)))


def _line_end_of(side: Side | None) -> str:
    """Return which of both options a side has; the last one counts."""
    found = ""
    for option in side.address.options if side is not None else ():
        if option.canonical in {"cr", "crnl"}:
            found = option.canonical
    return found


class LimitedReader:
    """A reader that ends after a number of bytes (``readbytes``)."""

    __slots__ = (
        "_left",
        "_reader",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "pollable",
        "watch",
    )

    def __init__(self, reader: Reader, limit: int) -> None:
        """Let ``limit`` bytes through."""
        self._reader = reader
        self._left = limit
        self.descriptor = reader.descriptor
        self.pollable = reader.pollable
        self.bare = False
        self.closes = reader.closes
        self.boundaries = reader.boundaries
        self.watch = watch_of(reader)

    def read_into(self, buffer: memoryview) -> int:
        """Read no more than what is left; a packet that is longer is cut."""
        if self._left <= 0:
            return PACKETS_END if self.boundaries else 0
        wanted = len(buffer) if self.boundaries else min(len(buffer), self._left)
        count = min(self._reader.read_into(buffer[:wanted]), self._left)
        self._left -= max(count, 0)
        return count

    def buffered(self) -> bool:
        """Whether more waits inside; the end after the last byte counts."""
        return self._left <= 0 or self._reader.buffered()


class EscapedReader:
    """A reader that ends at a certain byte (``escape``); what stands before it goes through."""

    __slots__ = (
        "_code",
        "_ended",
        "_reader",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "pollable",
        "watch",
    )

    def __init__(self, reader: Reader, code: int) -> None:
        """End at the byte ``code``, 0 to 255."""
        self._reader = reader
        self._code = code
        self._ended = False
        self.descriptor = reader.descriptor
        self.pollable = reader.pollable
        self.bare = False
        self.closes = reader.closes
        self.boundaries = reader.boundaries
        self.watch = watch_of(reader)

    def read_into(self, buffer: memoryview) -> int:
        """Read; the byte itself and all after it are thrown away."""
        end = PACKETS_END if self.boundaries else 0
        if self._ended:
            return end
        count = self._reader.read_into(buffer)
        if count <= 0:
            return count
        at = bytes(buffer[:count]).find(self._code)
        if at < 0:
            return count
        self._ended = True
        return at or end

    def buffered(self) -> bool:
        """Whether more waits inside; the end after the byte counts."""
        return self._ended or self._reader.buffered()


def apply_limits(channel: Channel, side: Side | None) -> Channel:
    """Wrap the reader of a channel as the options of its side ask."""
    if side is None or channel.reader is None:
        return channel
    limit = side.number("readbytes", 0).value
    if limit > 0:
        channel.reader = LimitedReader(channel.reader, limit)
    if side.last("escape") is not None:
        channel.reader = EscapedReader(channel.reader, side.number("escape").value)
    return channel
