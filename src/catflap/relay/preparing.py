"""What the options that every kind takes do around its opener: before, and to what it opened."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, ClassVar

from catflap.core.errors import OperationError
from catflap.relay.descriptor_options import DescriptorOptions, applies_anywhere
from catflap.relay.filters import apply_limits
from catflap.relay.lock_file import LOCK_FILE_OPTIONS, LockFile
from catflap.relay.lookup import LOOKUP_OPTIONS
from catflap.relay.namespaces import NetworkNamespace
from catflap.relay.opening import trusts_of
from catflap.relay.wrapping import WRAP_OPTIONS

if TYPE_CHECKING:
    from catflap.address.rows import OptionRow
    from catflap.bridge.side import Side
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Opener, Opening

__all__ = ("Preparation", "PreparedOpener", "prepares")

_READING = ("readbytes", "escape")
_NAMES = (
    LOCK_FILE_OPTIONS
    | WRAP_OPTIONS
    | LOOKUP_OPTIONS
    | {
        "chdir",
        "netns",
        "setsid",
        "unix-tightsocklen",
    }
)


def prepares(row: OptionRow) -> bool:
    """Whether this option is applied here, whatever the kind."""
    return row.name in _NAMES or applies_anywhere(row)


class Preparation:
    """What is done for each channel of one address, besides what its opener does.

    Args:
        side: the address.
        handled: names of the options that its opener applies itself.
    """

    __slots__ = ("_descriptors", "_lock", "_reads", "_setsid", "_side", "namespace")

    def __init__(self, side: Side, handled: frozenset[str]) -> None:
        """Read the options."""
        self._side = side
        self._descriptors = DescriptorOptions(side, handled)
        self._lock = LockFile(side)
        self.namespace = NetworkNamespace.of(side)
        self._reads = any(side.last(name) is not None for name in _READING)
        self._setsid = "setsid" not in handled and side.flag("setsid").value

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        asked = self._descriptors or self._lock or self._reads or self._setsid
        return bool(asked or self.namespace)

    @property
    def touches_channels(self) -> bool:
        """Whether anything is done to a channel once it is open."""
        return bool(self._descriptors or self._reads)

    async def begin(self) -> None:
        """Do what comes before anything is opened.

        Raises:
            OperationError: somebody else has the lock file, or a new session cannot be begun.
        """
        if self._lock:
            await self._lock.take()
        if self._setsid:
            _new_session()

    def end(self) -> None:
        """Give back what :meth:`begin` took."""
        self._lock.release()

    def limit(self, channel: Channel) -> Channel:
        """Return the channel with the limits on what is read from it."""
        return apply_limits(channel, self._side) if self._reads else channel

    async def prepare(self, channel: Channel, timeout: float = 0.0) -> Channel:
        """Apply the options to an open channel.

        Args:
            channel: is closed when one of them is refused.
            timeout: seconds to wait for a lock, 0 for no limit.

        Raises:
            OperationError: one is refused.
        """
        try:
            if self._descriptors:
                for descriptor in _descriptors_of(channel):
                    await self._descriptors.apply(descriptor, timeout)
        except BaseException:
            channel.close(abort=True)
            raise
        return self.limit(channel)

    def prepare_socket(self, descriptor: int) -> None:
        """Apply the options to the one socket that all packets come by.

        Raises:
            OperationError: one is refused.
        """
        if self._descriptors:
            self._descriptors.apply_now(descriptor)


def _descriptors_of(channel: Channel) -> tuple[int, ...]:
    halves = (channel.reader, channel.writer)
    found = dict.fromkeys(half.descriptor for half in halves if half is not None)
    return tuple(number for number in found if number >= 0)


def _new_session() -> None:
    """Leave the session that we were started in, and its terminal (setsid(2)).

    Raises:
        OperationError: we lead a process group, as a program does that a shell started.
    """
    try:
        os.setsid()
    except OSError as error:
        if error.errno == errno.EPERM and os.getsid(0) == os.getpid():
            return
        message = f"a new session cannot be begun: {error.strerror}"
        raise OperationError(message, "setsid(1) before the command does it") from error


class PreparedOpener:
    """Another opener, and what the options of its address ask for besides."""

    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, opener: Opener, preparation: Preparation, *, begins: bool = True) -> None:
        """Wrap an opener.

        Args:
            opener: opens the channel.
            preparation: of the same address.
            begins: whether what comes first is done for each channel; else it was at the start.
        """
        self._opener = opener
        self._preparation = preparation
        self._begins = begins
        self.trusts = trusts_of(opener)

    @property
    def target(self) -> str:
        """Where it goes."""
        return self._opener.target

    async def open(self, opening: Opening) -> Channel:
        """Do what comes first, open, then apply the options.

        Raises:
            OperationError: one of these cannot be done.
        """
        if self._begins:
            await self._preparation.begin()
        try:
            channel = await self._open(opening)
            channel = await self._preparation.prepare(channel, opening.timeout)
        except BaseException:
            self._preparation.end()
            raise
        channel.closed_with(self._preparation.end)
        return channel

    async def _open(self, opening: Opening) -> Channel:
        namespace = self._preparation.namespace
        if namespace is None:
            return await self._opener.open(opening)
        channel = await namespace.within(self._opener.open(opening))
        try:
            namespace.check(_descriptors_of(channel))
        except BaseException:
            channel.close(abort=True)
            raise
        return channel

    def close(self) -> None:
        """Close it."""
        self._preparation.end()
        self._opener.close()
