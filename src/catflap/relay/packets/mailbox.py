"""One peer's packets that came by a socket which many peers share."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from catflap.relay.channel import PACKETS_END

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.relay.packets.batch import Batch

__all__ = ("Mailbox", "OnePacket")

_MOST_BYTES = 256 * 1024
"""What waits for one session at most; more is lost and counted, as a kernel's buffer would."""

_OVERHEAD_BYTES = 64
"""What a packet counts besides its bytes, so that empty ones find an end too."""


class Mailbox:
    """A reader into which packets are put.

    Args:
        null_ends: whether an empty packet is the end (``null-eof``).
    """

    __slots__ = (
        "_bytes",
        "_callback",
        "_null_ends",
        "_packets",
        "_untold",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "direct",
        "lost",
        "pollable",
    )

    def __init__(self, *, null_ends: bool = False) -> None:
        """Start empty."""
        self._packets: deque[bytes] = deque()
        self._bytes = 0
        self._untold = False
        self._callback: Callable[[], None] | None = None
        self.direct: Callable[[Batch], None] | None = None
        self._null_ends = null_ends
        self.lost = 0
        self.descriptor = -1
        self.pollable = False
        self.bare = False
        self.closes = False
        self.boundaries = True

    def put(self, packet: bytes) -> None:
        """Take a packet that came; whoever watches hears of it at once."""
        size = len(packet) + _OVERHEAD_BYTES
        if self._bytes + size > _MOST_BYTES:
            self.lost += 1
            return
        self._bytes += size
        self._packets.append(packet)
        if self._callback is not None:
            self._callback()

    def hold(self, packet: bytes) -> bool:
        """Take a packet that came, without telling; return whether it is now to be told.

        Who reads many packets at once tells each mailbox once, by :meth:`ring`.
        """
        size = len(packet) + _OVERHEAD_BYTES
        if self._bytes + size > _MOST_BYTES:
            self.lost += 1
            return False
        self._bytes += size
        self._packets.append(packet)
        was, self._untold = self._untold, True
        return not was

    def ring(self) -> None:
        """Tell whoever watches of what is held."""
        self._untold = False
        if self._callback is not None:
            self._callback()

    def take_run(self) -> list[bytes]:
        """Return all packets that wait; none where an empty one may be the end."""
        if self._null_ends:
            return []
        packets = list(self._packets)
        self._packets.clear()
        self._bytes = 0
        return packets

    def watch(
        self,
        callback: Callable[[], None] | None,
        direct: Callable[[Batch], None] | None = None,
    ) -> None:
        """Call back at each packet; ``None`` stops that.

        Args:
            callback: is told that packets wait here.
            direct: takes packets that need not wait, where the kernel put them.
        """
        self._callback = callback
        self.direct = None if self._null_ends else direct

    def take(self) -> bytes:
        """Return the next packet.

        Raises:
            BlockingIOError: there is none.
        """
        if not self._packets:
            raise BlockingIOError
        packet = self._packets.popleft()
        self._bytes -= len(packet) + _OVERHEAD_BYTES
        return packet

    def read_into(self, buffer: memoryview) -> int:
        """Read the next packet.

        Raises:
            BlockingIOError: there is none.
        """
        packet = self.take()
        if not packet and self._null_ends:
            return PACKETS_END
        buffer[: len(packet)] = packet
        return len(packet)

    def buffered(self) -> bool:
        """Whether packets wait."""
        return bool(self._packets)


class OnePacket:
    """A reader that holds one packet and ends behind it."""

    __slots__ = ("_packet", "bare", "boundaries", "closes", "descriptor", "pollable")

    def __init__(self, packet: bytes) -> None:
        """Hold it."""
        self._packet: bytes | None = packet
        self.descriptor = -1
        self.pollable = False
        self.bare = False
        self.closes = False
        self.boundaries = True

    @property
    def size(self) -> int:
        """How many bytes the packet has; 0 once it has been read."""
        return len(self._packet or b"")

    def read_into(self, buffer: memoryview) -> int:
        """Read the packet, then the end."""
        packet, self._packet = self._packet, None
        if packet is None:
            return PACKETS_END
        buffer[: len(packet)] = packet
        return len(packet)

    def buffered(self) -> bool:
        """It is always ready."""
        return True
