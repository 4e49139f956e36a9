"""An end that all sessions share, beside a listener with ``fork``: a file, or ``end-close``.

In the C program each session is a child that inherits the one connection, and with this option
closes its copy without ending it for the others. Here each session gets duplicates of its
descriptors.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar

from catflap.core.errors import OperationError
from catflap.relay.channel import (
    Channel,
    DescriptorReader,
    DescriptorWriter,
    Ending,
    SocketHalf,
)
from catflap.relay.opening import trusts_of

if TYPE_CHECKING:
    from catflap.relay.channel import Reader, Writer
    from catflap.relay.opening import Opener, Opening

__all__ = ("KeptEnd",)


class KeptEnd:
    """Opens another end once, with the first session, and lends it to all.

    Args:
        opener: of the end that is kept.
    """

    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, opener: Opener) -> None:
        """Open nothing yet."""
        self._opener = opener
        self._held: Channel | None = None
        self._opens = asyncio.Lock()
        self.trusts = trusts_of(opener)

    @property
    def target(self) -> str:
        """Where it goes."""
        return self._opener.target

    async def hold(self, opening: Opening) -> Channel:
        """Open it, if that was not done, and return what is kept.

        Raises:
            OperationError: it cannot be opened.
        """
        async with self._opens:
            if self._held is None:
                self._held = await self._opener.open(opening)
        return self._held

    async def open(self, opening: Opening) -> Channel:
        """Return duplicates, whose end is nobody else's.

        Raises:
            OperationError: it cannot be opened, or is more than its descriptors.
        """
        held, copies = await self.hold(opening), ExitStack()
        try:
            reader, writer = _reader(held.reader, copies), _writer(held.writer, copies)
        except OSError as error:
            copies.close()
            message = f"{held.describe} cannot be shared: {error.strerror}"
            raise OperationError(message) from error
        except BaseException:
            copies.close()
            raise

        def release(abort: bool) -> None:
            """Close the copies, however the session ended."""
            del abort
            copies.close()

        channel = Channel(reader, writer, held.describe, release)
        channel.tells_end = False
        return channel

    def close(self) -> None:
        """Close what all shared."""
        held, self._held = self._held, None
        if held is not None:
            held.close()
        self._opener.close()


def _reader(half: Reader | None, copies: ExitStack) -> Reader | None:
    if half is None or isinstance(half, SocketHalf):
        return _socket(half, copies)
    if isinstance(half, DescriptorReader):
        return DescriptorReader(_copy(half.descriptor, copies), bare=False)
    raise _more_than_a_descriptor()


def _writer(half: Writer | None, copies: ExitStack) -> Writer | None:
    if half is None or isinstance(half, SocketHalf):
        return _socket(half, copies)
    if isinstance(half, DescriptorWriter):
        return DescriptorWriter(_copy(half.descriptor, copies), bare=False)
    raise _more_than_a_descriptor()


def _socket(half: SocketHalf | None, copies: ExitStack) -> SocketHalf | None:
    if half is None:
        return None
    # Closing a copy of what lives on does not take it from epoll(7): as with what others hold.
    copy = copies.enter_context(half.socket.dup())
    return SocketHalf(copy, ending=Ending.NONE, shared=True)


def _copy(descriptor: int, copies: ExitStack) -> int:
    copy = os.dup(descriptor)
    copies.callback(os.close, copy)
    return copy


def _more_than_a_descriptor() -> OperationError:
    message = "end-close cannot keep an end that is more than its descriptors, such as TLS"
    return OperationError(message, "without end-close each session opens its own")
