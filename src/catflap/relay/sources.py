"""What each source has open and how it behaved: bounded, and forgotten when it says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from catflap.guard.limits import FRESH, Standing, judge_source, offend

if TYPE_CHECKING:
    from catflap.guard.limits import SourceCaps

__all__ = ("Entry", "LocalSources", "Sources")

_MOST_REMEMBERED = 32_768
_LOOKS = 2
_MOST_LOOKS = 8


class Entry(NamedTuple):
    """What became of a newcomer.

    Args:
        rule: that refuses it, or nothing.
        handle: of what was counted; nothing was when a rule refuses.
        seconds: for how long it is still kept out.
    """

    rule: str
    handle: object = None
    seconds: float = 0.0


class Sources(Protocol):
    """A table of sources; a source is some bytes."""

    def enter(self, key: bytes, caps: SourceCaps, now: float, *, shakes: bool) -> Entry:
        """Judge a newcomer and count it when it may come.

        Args:
            key: its source.
            caps: of its source.
            now: seconds of the monotonic clock.
            shakes: whether a handshake begins with it.
        """

    def shaken(self, handle: object) -> None:
        """Hear that a handshake is over."""

    def leave(self, handle: object) -> None:
        """Hear that a session is over, which has no handshake in flight any more."""

    def offend(self, handle: object, now: float, seconds: float) -> None:
        """Count an offence of a source that has a session open."""


class _Source:
    __slots__ = ("handshakes", "sessions", "standing")

    def __init__(self) -> None:
        self.standing: Standing = FRESH
        self.sessions = 0
        self.handshakes = 0


class LocalSources:
    """The table of one process.

    Each new source has the two longest known looked at, and forgotten when nothing is lost by
    that; so the table sweeps itself as fast as it grows, and never all at once. When it is full,
    one of the longest known without a session goes.
    """

    def __init__(self, most: int = _MOST_REMEMBERED) -> None:
        """Know nobody.

        Args:
            most: how many sources without a session are remembered.
        """
        self._most = most
        self._table: dict[bytes, _Source] = {}

    def __len__(self) -> int:
        """Return how many sources are known."""
        return len(self._table)

    def enter(self, key: bytes, caps: SourceCaps, now: float, *, shakes: bool) -> Entry:
        """Judge a newcomer and count it when it may come."""
        source = self._table.get(key)
        if source is None:
            self._sweep(caps, now)
            source = self._table[key] = _Source()
        handshakes = source.handshakes if shakes else -1
        rule, standing = judge_source(source.standing, caps, now, source.sessions, handshakes)
        if rule:
            return Entry(rule, seconds=standing.barred_until - now)
        source.standing = standing
        source.sessions += 1
        source.handshakes += shakes
        return Entry("", source)

    def shaken(self, handle: object) -> None:
        """Hear that a handshake is over."""
        if isinstance(handle, _Source):
            handle.handshakes -= 1

    def leave(self, handle: object) -> None:
        """Hear that a session is over."""
        if isinstance(handle, _Source):
            handle.sessions -= 1

    def offend(self, handle: object, now: float, seconds: float) -> None:
        """Count an offence."""
        if isinstance(handle, _Source):
            handle.standing = offend(handle.standing, now, seconds)

    def _sweep(self, caps: SourceCaps, now: float) -> None:
        table = self._table
        if len(table) >= self._most:
            self._evict(now)
            return
        for _ in range(min(_LOOKS, len(table))):
            key = next(iter(table))
            source = table.pop(key)
            if source.sessions or not source.standing.is_clean(now, caps):
                table[key] = source

    def _evict(self, now: float) -> None:
        """Forget one without a session, of those looked at rather one that owes nothing."""
        table, idle = self._table, b""
        for _ in range(min(_MOST_LOOKS, len(table))):
            key = next(iter(table))
            source = table.pop(key)
            if not source.sessions:
                if source.standing.owed_until <= now:
                    return
                idle = idle or key
            table[key] = source
        if idle:
            del table[idle]
