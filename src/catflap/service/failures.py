"""What was told of files that cannot be used: once, whichever process finds it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.relay.renewing import is_same

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Failures",)

_MOST = 256


class Failures:
    """Remembers what was told, by the state that the files were in.

    Time says nothing here: a worker on a busy machine may find out long after its siblings. A file
    that is broken a second time has another state, and is told again.

    Args:
        state_now: returns the state that the files of a bridge are in, as their mark
            (:meth:`~catflap.relay.renewing.Renewing.mark_now`); nothing for a bridge that is gone.
    """

    def __init__(self, state_now: Callable[[str], str]) -> None:
        """Remember nothing yet."""
        self._state_now = state_now
        self._told: dict[tuple[str, str, str], None] = {}

    def is_news(self, bridge: str, reason: str, state: str) -> bool:
        """Return whether this was not told yet; from now on it was.

        Args:
            bridge: its name.
            reason: why its files cannot be used.
            state: the mark of the files that were read.
        """
        key = (bridge, reason, state)
        if key in self._told:
            return False
        self._told[key] = None
        if len(self._told) > _MOST:
            del self._told[next(iter(self._told))]
        return True

    def has_told(self, told: str) -> bool:
        """Return whether this is about files that were told of as they are now."""
        return any(
            is_same(reason, told) and self._state_now(bridge) == state
            for bridge, reason, state in self._told
        )

    def forget(self) -> None:
        """Tell all anew: somebody asked."""
        self._told.clear()
