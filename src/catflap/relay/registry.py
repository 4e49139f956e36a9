"""The sessions that live."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.relay.session import Session

__all__ = ("Registry",)


class Registry:
    """Counts, names and remembers live sessions.

    Args:
        capacity: how many may live at once; what the descriptor limit allows.
    """

    def __init__(self, capacity: int) -> None:
        """Start with none."""
        self.capacity = capacity
        self.served = 0
        self._sessions: dict[str, Session] = {}
        self._numbers = itertools.count(1)
        self._prefix = os.urandom(3).hex()
        self._empty: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        """Return how many sessions live."""
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        """Iterate over the live sessions."""
        return iter(list(self._sessions.values()))

    @property
    def full(self) -> bool:
        """Whether no more sessions may begin."""
        return len(self._sessions) >= self.capacity

    def next_id(self) -> str:
        """Return an id that no other session of this or another process has."""
        return f"{self._prefix}-{next(self._numbers):x}"

    def add(self, session: Session) -> None:
        """Remember a session that begins."""
        self._sessions[session.id] = session

    def forget(self, session: Session) -> None:
        """Take a session off the list; the session itself calls this last."""
        self._sessions.pop(session.id, None)
        if not self._sessions and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    async def wait_empty(self, timeout: float) -> bool:
        """Wait until no session lives; return whether that came in time."""
        if not self._sessions:
            return True
        self._empty = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await self._empty
        except TimeoutError:
            return False
        finally:
            self._empty = None
        return True

    def end_all(self) -> None:
        """End every session at once."""
        for session in self:
            session.shut_down()
