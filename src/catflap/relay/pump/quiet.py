"""A limit on silence that costs the data path nothing: it looks, nobody reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from catflap.relay.poller import Poller

__all__ = ("Quiet", "QuietRooms")

_LOOKS = 4


class Quiet:
    """One thing that is watched for silence.

    Args:
        progress: a number that changes whenever something happens.
        limit: after how many looks at the same number it is silent.
        expired: called then.
        room: where it is looked at.
    """

    __slots__ = ("_room", "expired", "last", "limit", "looks", "progress")

    def __init__(
        self, progress: Callable[[], int], limit: int, expired: Callable[[], None], room: _Room
    ) -> None:
        self.progress = progress
        self.expired = expired
        self.limit = limit
        self.last = -1
        self.looks = 0
        self._room = room

    def shorten(self, seconds: float, expired: Callable[[], None]) -> bool:
        """Watch from now on for a shorter silence; return whether this room looks often enough."""
        limit = round(seconds / self._room.step)
        if limit < _LOOKS:
            return False
        self.limit = limit
        self.expired = expired
        self.last = -1
        self.looks = 0
        return True

    def cancel(self) -> None:
        """Watch it no more."""
        self._room.guests.discard(self)


class _Room:
    """All that are watched for the same number of seconds, by one timer.

    It looks four times in that span. For whom comes between two looks the first only takes the
    measure, so the silence lasts between one and one and a quarter of it, and just one of it for
    whom nothing moves from the start of the room; a longer one takes more looks. Coming and going
    costs no timer of its own.
    """

    __slots__ = ("_handle", "_loop", "guests", "step")

    def __init__(self, loop: Poller, seconds: float) -> None:
        self._loop = loop
        self.step = seconds / _LOOKS
        self._handle: asyncio.TimerHandle | None = None
        self.guests: set[Quiet] = set()

    def enter(self, guest: Quiet) -> None:
        """Watch from now on."""
        self.guests.add(guest)
        if self._handle is None:
            # The first look comes a whole step after this, so the measure is taken now.
            guest.last = guest.progress()
            self._handle = self._loop.call_later(self.step, self._look)

    def _look(self) -> None:
        self._handle = None
        for guest in list(self.guests):
            current = guest.progress()
            if current != guest.last:
                guest.last = current
                guest.looks = 0
                continue
            guest.looks += 1
            if guest.looks >= guest.limit:
                self.guests.discard(guest)
                guest.expired()
        if self.guests and self._handle is None:
            self._handle = self._loop.call_later(self.step, self._look)


class QuietRooms:
    """Watches for silence of any length."""

    def __init__(self, loop: Poller) -> None:
        """Watch nothing yet."""
        self._loop = loop
        self._rooms: dict[float, _Room] = {}

    def watch(
        self,
        progress: Callable[[], int],
        seconds: float,
        expired: Callable[[], None],
        shortest: float = 0.0,
    ) -> Quiet:
        """Call ``expired`` after ``seconds`` in which ``progress`` has not changed.

        Args:
            progress: a number that changes whenever something happens.
            seconds: of silence.
            expired: what to call.
            shortest: the silence that may be watched for later, by ``shorten``.
        """
        span = min(seconds, shortest) if shortest else seconds
        room = self._rooms.get(span)
        if room is None:
            room = self._rooms[span] = _Room(self._loop, span)
        guest = Quiet(progress, round(seconds / room.step), expired, room)
        room.enter(guest)
        return guest
