"""Dialogues with proxies, held over what is open: never a byte is read beyond what was asked for.

What follows the proxy's last word is the target's, and belongs to the pump.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Protocol, TypeVar

from catflap.proxies.dialogue import Line, ProxyRefusedError, Read, Send
from catflap.relay.channel import SocketHalf
from catflap.relay.readiness import readable, writable

if TYPE_CHECKING:
    from catflap.proxies.dialogue import Dialogue
    from catflap.relay.channel import Channel, Reader, Writer
    from catflap.relay.poller import Poller

__all__ = ("ChannelWire", "SocketWire", "Wire", "converse", "own_socket", "wire_of", "words_of")

T = TypeVar("T")


class Wire(Protocol):
    """What a dialogue is held over; each call waits as long as it takes."""

    async def send(self, data: bytes) -> None:
        """Send all of it."""

    async def read(self, count: int) -> bytes:
        """Return exactly so many bytes, fewer only at the end of the stream."""

    async def line(self, longest: int) -> bytes:
        """Return bytes up to and with a line feed, at most so many, fewer at the end."""


async def converse(wire: Wire, dialogue: Dialogue[T]) -> T:
    """Hold a dialogue to its end and return its outcome. The caller has the deadline.

    Raises:
        ProxyRefusedError: the proxy said no, nonsense, or nothing more.
        OSError: the connection broke.
    """
    try:
        step = next(dialogue)
        while True:
            if isinstance(step, Send):
                await wire.send(step.data)
                step = dialogue.send(b"")
            else:
                step = dialogue.send(await _answer(wire, step))
    except StopIteration as over:
        outcome: T = over.value
        return outcome
    finally:
        dialogue.close()


async def _answer(wire: Wire, step: Read | Line) -> bytes:
    if isinstance(step, Line):
        data = await wire.line(step.longest)
        whole = data.endswith(b"\n") or len(data) == step.longest
    else:
        data = await wire.read(step.count)
        whole = len(data) == step.count
    if not whole:
        raise ProxyRefusedError("the proxy hung up before it had answered")
    return data


class SocketWire:
    """A stream socket: it looks before it reads (MSG_PEEK, recv(2)), so a line costs little."""

    def __init__(self, loop: Poller, sock: socket.socket) -> None:
        """Use a connected, non-blocking socket; it is not closed here."""
        self._loop = loop
        self._socket = sock

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                await writable(self._loop, self._socket.fileno())

    async def read(self, count: int) -> bytes:
        """Return exactly so many bytes, fewer only at the end."""
        found = bytearray()
        while len(found) < count:
            data = await self._receive(count - len(found), 0)
            if not data:
                break
            found += data
        return bytes(found)

    async def line(self, longest: int) -> bytes:
        """Return bytes up to and with a line feed; what follows it stays in the socket."""
        found = bytearray()
        while len(found) < longest:
            seen = await self._receive(longest - len(found), socket.MSG_PEEK)
            if not seen:
                break
            end = seen.find(b"\n") + 1
            # What was seen is there: this takes it without waiting.
            found += self._socket.recv(end or len(seen))
            if end:
                break
        return bytes(found)

    async def _receive(self, count: int, flags: int) -> bytes:
        while True:
            try:
                return self._socket.recv(count, flags)
            except BlockingIOError:
                await readable(self._loop, self._socket.fileno())


class ChannelWire:
    """Both halves of any channel, such as TLS or a terminal, which cannot be looked into: bytewise.

    An answer of a proxy has a few hundred bytes, so this costs little either.
    """

    def __init__(self, loop: Poller, channel: Channel) -> None:
        """Use an open channel; it is not closed here.

        Raises:
            OSError: it goes one way only.
        """
        if channel.reader is None or channel.writer is None:
            raise OSError(errno.EBADF, "it goes one way only")
        self._loop = loop
        self._reader: Reader = channel.reader
        self._writer: Writer = channel.writer

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._writer.write(rest) :]
            except BlockingIOError:
                await writable(self._loop, self._writer.descriptor)

    async def read(self, count: int) -> bytes:
        """Return exactly so many bytes, fewer only at the end."""
        found = bytearray()
        while len(found) < count:
            data = await self._receive(count - len(found))
            if not data:
                break
            found += data
        return bytes(found)

    async def line(self, longest: int) -> bytes:
        """Return bytes up to and with a line feed, one by one."""
        found = bytearray()
        while len(found) < longest and not found.endswith(b"\n"):
            data = await self._receive(1)
            if not data:
                break
            found += data
        return bytes(found)

    async def _receive(self, count: int) -> bytes:
        buffer = memoryview(bytearray(count))
        while True:
            try:
                return bytes(buffer[: max(0, self._reader.read_into(buffer))])
            except BlockingIOError:
                await readable(self._loop, self._reader.descriptor)


def own_socket(channel: Channel) -> socket.socket | None:
    """Return the socket that a channel is and that nobody shares, or ``None``."""
    half = channel.reader
    if not isinstance(half, SocketHalf):
        return None
    return half.socket if half.bare and half.descriptor == _descriptor(channel.writer) else None


def _descriptor(writer: Writer | None) -> int:
    return writer.descriptor if writer is not None else -1


def wire_of(loop: Poller, channel: Channel) -> Wire:
    """Return the better of the two for an open channel.

    Raises:
        OSError: it goes one way only.
    """
    sock = own_socket(channel)
    return SocketWire(loop, sock) if sock is not None else ChannelWire(loop, channel)


def words_of(error: OSError) -> str:
    """Return what an error says."""
    return error.strerror or os.strerror(error.errno or 0)
