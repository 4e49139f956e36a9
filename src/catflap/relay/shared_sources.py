"""What each source has open and how it behaved, over all workers of a service.

Sources stand in sets of sixteen places of the shared map; which set is told by a keyed hash, so
that nobody can choose sources that crowd one. A set has its lock, held for the few microseconds
in which a newcomer is judged: so a limit is exact whatever worker takes the connection. Leaving
takes no lock, for each worker counts in its own column.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.guard.limits import FRESH, SourceCaps, Standing, judge_source, offend
from catflap.relay.counters import Counters
from catflap.relay.sources import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("SharedSources", "make_counters")

_SECRET_BYTES = 32
_WAYS = 16
_KEY_BYTES = 16
_SET_BYTES = _WAYS * _KEY_BYTES
_STANDING = struct.Struct("=5d")
_FIRST_LOCK = 1024
_NOBODY = bytes(_KEY_BYTES)


def make_counters(workers: int, *, sources: int = 65_536, rows: int = 2048) -> Counters:
    """Make shared counters with room for a table of sources.

    The memory is taken as it is used.

    Args:
        workers: how many processes count besides this one.
        sources: how many are remembered; rounded up to whole sets of sixteen.
        rows: how many counters have names.

    Raises:
        OperationError: the machine gives no memory.
    """
    places = -(-sources // _WAYS) * _WAYS
    common = _SECRET_BYTES + places * (_KEY_BYTES + _STANDING.size)
    counters = Counters.create(workers, rows=rows, cells=places * 2, common=common)
    counters.common[:_SECRET_BYTES] = secrets.token_bytes(_SECRET_BYTES)
    return counters


class SharedSources:
    """The table of one bridge in the map of a service.

    Args:
        counters: made by :func:`make_counters`.
        name: of the bridge; other bridges count on their own.
    """

    def __init__(self, counters: Counters, name: str) -> None:
        """Find the table.

        Raises:
            OperationError: the map has no room for sources.
        """
        places = counters.cells // 2
        self._sets = places // _WAYS
        if not self._sets:
            raise OperationError("the shared counters have no room for sources")
        self._counters = counters
        self._common = counters.common
        self._secret = bytes(self._common[:_SECRET_BYTES])
        self._standings = _SECRET_BYTES + places * _KEY_BYTES
        self._prefix = name.encode() + b"\0"

    def enter(self, key: bytes, caps: SourceCaps, now: float, *, shakes: bool) -> Entry:
        """Judge a newcomer and count it when it may come."""
        counters = self._counters
        digest = hashlib.blake2b(
            self._prefix + key, key=self._secret, digest_size=_KEY_BYTES
        ).digest()
        group = int.from_bytes(digest[:8]) % self._sets
        with counters.locked(_FIRST_LOCK + group):
            place = self._place(group, digest, caps, now)
            if place is None:
                return Entry("too-many-sources")
            handshakes = counters.sum_cell(place * 2 + 1) if shakes else -1
            rule, standing = judge_source(
                self._standing(place), caps, now, counters.sum_cell(place * 2), handshakes
            )
            if rule:
                return Entry(rule, seconds=standing.barred_until - now)
            self._stand(place, standing)
            counters.add_cell(place * 2)
            if shakes:
                counters.add_cell(place * 2 + 1)
        return Entry("", place)

    def shaken(self, handle: object) -> None:
        """Hear that a handshake is over."""
        if isinstance(handle, int):
            self._counters.add_cell(handle * 2 + 1, -1)

    def leave(self, handle: object) -> None:
        """Hear that a session is over."""
        if isinstance(handle, int):
            self._counters.add_cell(handle * 2, -1)

    def offend(self, handle: object, now: float, seconds: float) -> None:
        """Count an offence; the place is the source's as long as a session of it lives."""
        if isinstance(handle, int):
            with self._counters.locked(_FIRST_LOCK + handle // _WAYS):
                self._stand(handle, offend(self._standing(handle), now, seconds))

    def _standing(self, place: int) -> Standing:
        at = self._standings + place * _STANDING.size
        return Standing._make(_STANDING.unpack_from(self._common, at))

    def _stand(self, place: int, standing: Standing) -> None:
        at = self._standings + place * _STANDING.size
        _STANDING.pack_into(self._common, at, *standing)

    def _place(self, group: int, digest: bytes, caps: SourceCaps, now: float) -> int | None:
        """Return the place of a source: its own, or one that is free or lost least by leaving."""
        start = _SECRET_BYTES + group * _SET_BYTES
        keys = bytes(self._common[start : start + _SET_BYTES])
        for way in _ways_of(keys, digest):
            return group * _WAYS + way
        free = self._free(group, keys, caps, now)
        if free is None:
            return None
        at = start + free * _KEY_BYTES
        self._common[at : at + _KEY_BYTES] = digest
        place = group * _WAYS + free
        self._stand(place, FRESH)
        return place

    def _free(self, group: int, keys: bytes, caps: SourceCaps, now: float) -> int | None:
        for way in _ways_of(keys, _NOBODY):
            return way
        idle = [
            (self._standing(group * _WAYS + way), way)
            for way in range(_WAYS)
            if not self._counters.sum_cell((group * _WAYS + way) * 2)
        ]
        if not idle:
            return None
        clean = next((way for standing, way in idle if standing.is_clean(now, caps)), None)
        if clean is not None:
            return clean
        return min(idle, key=lambda each: (each[0].owed_until, each[0].stamp))[1]


def _ways_of(keys: bytes, wanted: bytes) -> Iterator[int]:
    at = keys.find(wanted)
    while at >= 0:
        if at % _KEY_BYTES == 0:
            yield at // _KEY_BYTES
        at = keys.find(wanted, at + 1)
