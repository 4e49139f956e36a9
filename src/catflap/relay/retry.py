"""Trying again: retry=N, forever, interval=SECONDS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from catflap.bridge.effective import Dialect
from catflap.core.errors import CatflapError, OperationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from catflap.bridge.side import Side
    from catflap.relay.opening import Opening

__all__ = ("RETRY_OPTIONS", "Retry")

RETRY_OPTIONS = frozenset({"retry", "forever", "interval"})
_OF_THE_WAY = frozenset({"handshake-aborted", "not-tls"})
"""A relay on the way accepts before it reaches the server; if it cannot, it closes, or says so."""
T = TypeVar("T")


class Retry:
    """How often and how far apart an address tries to open."""

    __slots__ = ("_any_handshake", "_forever", "_interval", "_times")

    def __init__(self, side: Side) -> None:
        """Read the options; without any it is tried once."""
        self._times = side.number("retry", 0).value
        self._forever = side.flag("forever").value
        self._interval = side.seconds("interval", 1.0).value
        self._any_handshake = side.dialect is Dialect.SOCAT

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
                if not self._forever and left <= 0:
                    raise
                if not _may_pass(error, any_handshake=self._any_handshake):
                    raise
                left -= 1
                opening.notice(f"{error.message}; trying again in {self._interval:g} s")
            await asyncio.sleep(self._interval)


def _may_pass(error: CatflapError, *, any_handshake: bool) -> bool:
    """Whether it may be otherwise a moment later: mostly not what was proved in a handshake.

    Args:
        error: why it failed.
        any_handshake: whether every handshake is tried again, as the C program does.
    """
    rule = getattr(error, "rule", "")
    if rule:
        return any_handshake or rule in _OF_THE_WAY
    return isinstance(error, OperationError)
