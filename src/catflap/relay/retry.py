"""Trying again: retry=N, forever, interval=SECONDS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from catflap.core.errors import CatflapError, OperationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from catflap.bridge.side import Side
    from catflap.relay.opening import Opening

__all__ = ("RETRY_OPTIONS", "Retry")

RETRY_OPTIONS = frozenset({"retry", "forever", "interval"})
T = TypeVar("T")


class Retry:
    """How often and how far apart an address tries to open."""

    __slots__ = ("_forever", "_interval", "_times")

    def __init__(self, side: Side) -> None:
        """Read the options; without any it is tried once."""
        self._times = side.number("retry", 0).value
        self._forever = side.flag("forever").value
        self._interval = side.seconds("interval", 1.0).value

    @property
    def is_asked(self) -> bool:
        """Whether a failure is not the last word."""
        return self._forever or self._times > 0

    async def run(self, opening: Opening, attempt: Callable[[], Awaitable[T]]) -> T:
        """Attempt until it works or the tries are used up.

        Raises:
            CatflapError: of the last try, or of one that the next would not better.
        """
        left = self._times
        while True:
            try:
                return await attempt()
            except CatflapError as error:
                if not _may_pass(error) or (not self._forever and left <= 0):
                    raise
                left -= 1
                opening.notice(f"{error.message}; trying again in {self._interval:g} s")
            await asyncio.sleep(self._interval)


def _may_pass(error: CatflapError) -> bool:
    """Whether it may be otherwise a moment later: not what was proved in a handshake."""
    # A relay on the way accepts before it has reached the server, and closes when it cannot.
    broke_off = getattr(error, "rule", "") == "handshake-aborted"
    return broke_off or isinstance(error, OperationError)
