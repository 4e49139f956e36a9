"""Ends that need nothing outside: TEXT gives what its address says, STALL gives nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import ParameterType
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, DescriptorReader, DescriptorWriter, Ending
from catflap.relay.inherited import Inherited
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.pump.nowhere import Stalled

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.relay.channel import Reader, Writer

__all__ = ("StallOpener", "TextOpener")

_STANDARD_OUTPUT = 1


class TextOpener:
    """Gives a text, then its end; what is written goes to the standard output."""

    takes: ClassVar[frozenset[str]] = COMMON_OPTIONS

    def __init__(self, side: Side) -> None:
        """Read the text."""
        self._text = side.parameter(ParameterType.TEXT).encode("utf-8", "surrogateescape")
        self.target = "text"

    async def open(self, opening: Opening) -> Channel:
        """Put the text where it can be read.

        Raises:
            OperationError: no descriptor is left, or the standard output is closed.
        """
        undo: list[Callable[[], None]] = []
        try:
            reader: Reader | None = self._reader(undo) if opening.reads else None
            writer: Writer | None = None
            if opening.writes:
                output = Inherited(_STANDARD_OUTPUT, "stdout")
                undo.append(output.release)
                writer = output.writer(Ending.NONE)
        except OSError as error:
            _run(undo)
            raise OperationError(f"the text cannot be given: {error.strerror}") from error
        except BaseException:
            _run(undo)
            raise
        return Channel(reader, writer, self.target, lambda _abort: _run(undo))

    def _reader(self, undo: list[Callable[[], None]]) -> Reader:
        """Return a reader of a file in memory, which holds a text of any length."""
        descriptor = os.memfd_create("catflap-text")
        undo.append(lambda: os.close(descriptor))
        os.write(descriptor, self._text)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return DescriptorReader(descriptor)

    def close(self) -> None:
        """Nothing is held between sessions."""


class StallOpener:
    """Never gives a byte, and takes no more than a pipe holds; for trying limits out.

    In the dialect of socat it takes none, and so nothing is read for it, not even an end.
    """

    takes: ClassVar[frozenset[str]] = COMMON_OPTIONS

    def __init__(self, side: Side) -> None:
        """There is nothing to read."""
        self._writer = Stalled if side.dialect is Dialect.SOCAT else DescriptorWriter
        self.target = "stall"

    async def open(self, opening: Opening) -> Channel:
        """Make two pipes whose other ends nobody uses.

        Raises:
            OperationError: no descriptor is left.
        """
        held: list[int] = []

        def release(abort: bool) -> None:
            """Close what nobody else holds."""
            del abort
            while held:
                os.close(held.pop())

        try:
            held.extend(os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK))
            held.extend(os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK))
        except OSError as error:
            release(abort=True)
            raise OperationError(f"no pipe can be made: {error.strerror}") from error
        return Channel(
            DescriptorReader(held[0]) if opening.reads else None,
            self._writer(held[3]) if opening.writes else None,
            self.target,
            release,
        )

    def close(self) -> None:
        """Nothing is held between sessions."""


def _run(undo: list[Callable[[], None]]) -> None:
    while undo:
        undo.pop()()
