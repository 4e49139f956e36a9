"""Our half of a pair of packet sockets, whose other half a child has (unix(7))."""

from __future__ import annotations

import contextlib
import socket

from catflap.relay.channel import PACKETS_END
from catflap.relay.packets.halves import ConnectedHalf

__all__ = ("PacketsOfChild",)


class PacketsOfChild(ConnectedHalf):
    """Reads and writes packets, and ends with the child.

    Args:
        sock: ours.
        ending: how the child is told that no more comes.
    """

    __slots__ = ("_gone",)

    def __init__(self, sock: socket.socket, ending: str) -> None:
        """Bind the calls of the data path."""
        super().__init__(sock, ending=ending, null_ends=True)
        self._gone = False
        self.read_into = self._read_to_the_end

    def child_gone(self) -> None:
        """Make what waits the last that is read, and wake whoever waits for more."""
        self._gone = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RD)

    def _read_to_the_end(self, buffer: memoryview) -> int:
        try:
            return self._careful_read(buffer)
        except BlockingIOError:
            # A datagram socket that is shut for reading still says that it has to be waited for.
            if self._gone:
                return PACKETS_END
            raise
