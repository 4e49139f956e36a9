"""Sinks for what nobody hears, and for what nobody takes."""

from __future__ import annotations

from catflap.relay.channel import DescriptorWriter

__all__ = ("Nowhere", "Stalled")


class Stalled(DescriptorWriter):
    """Takes nothing, ever: nothing is read for it, so that the bytes stay where they are."""

    __slots__ = ()


class Nowhere:
    """Takes everything and keeps nothing."""

    __slots__ = ("bare", "boundaries", "closes", "descriptor", "pollable")

    def __init__(self) -> None:
        """There is no descriptor behind it."""
        self.descriptor = -1
        self.pollable = False
        self.bare = False
        self.boundaries = False
        self.closes = False

    def write(self, data: memoryview | bytes) -> int:
        """Drop it."""
        return len(data)

    def end(self) -> None:
        """Nobody is told."""
