"""SOCKETPAIR: two sockets joined to one another; what is written comes back (socketpair(2))."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, Ending, SocketHalf
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.halves import ConnectedHalf

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("SocketpairOpener",)


class SocketpairOpener:
    """An echo that keeps message boundaries, unless ``socktype`` says stream."""

    takes: ClassVar[frozenset[str]] = COMMON_OPTIONS | {"so-type", "cloexec"}

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._type = side.number("so-type", socket.SOCK_DGRAM).value
        self.target = "socketpair"

    async def open(self, opening: Opening) -> Channel:
        """Return the channel: written to the one, read from the other.

        Raises:
            OperationError: the kernel makes no such pair.
        """
        del opening
        try:
            near, far = socket.socketpair(socket.AF_UNIX, self._type)
        except OSError as error:
            message = f"a pair of sockets of type {self._type} cannot be made: {error.strerror}"
            raise OperationError(message, "1 stream, 2 datagram, 5 packet stream") from error
        near.setblocking(False)
        far.setblocking(False)

        def release(abort: bool) -> None:
            """Close what nobody else holds."""
            del abort
            near.close()
            far.close()

        if self._type == socket.SOCK_STREAM:
            return Channel(SocketHalf(far), SocketHalf(near), self.target, release)
        ending = Ending.DOWN if self._type == socket.SOCK_SEQPACKET else Ending.NONE
        reader, writer = ConnectedHalf(far), ConnectedHalf(near, ending=ending)
        channel = Channel(reader, writer, self.target, release)
        channel.tells_end = ending == Ending.DOWN
        return channel

    def close(self) -> None:
        """Nothing is held between sessions."""
