"""When the certificates that a service uses are no longer valid, for those who watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.survey.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.bridge.model import Bridge
    from catflap.service.exposition import Sample

__all__ = ("Expiries",)


class Expiries:
    """Remembers, for every certificate file of every bridge, when its first certificate expires.

    Files are read when it is told to look, which is when they are read to be used: what is shown
    is what holds. A file that can no longer be read keeps the day that it had.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[tuple[str, str], float] = {}

    def look(self, bridges: Iterable[Bridge]) -> None:
        """Read the files of these bridges, and forget all others."""
        before, self._known = self._known, {}
        for bridge in bridges:
            for path, facts in survey(bridge).files.items():
                key = (bridge.name, path)
                if facts.certificates:
                    self._known[key] = min(each.not_after for each in facts.certificates)
                elif key in before:
                    self._known[key] = before[key]

    def samples(self) -> list[Sample]:
        """Return them as numbers, in seconds since the epoch."""
        name = "catflap_certificate_expires_timestamp_seconds"
        return [(name, key, moment) for key, moment in self._known.items()]
