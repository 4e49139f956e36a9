"""Openers whose packets come from many: bound at the start, each packet let in by the guard."""

from __future__ import annotations

import contextlib
import socket
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from catflap.guard.guard import Guard
from catflap.relay.channel import Channel, Ending
from catflap.relay.packets.ancillary import asks_ancillary
from catflap.relay.packets.halves import (
    MergedReader,
    PacketReader,
    PacketWriter,
    packet_channel,
)
from catflap.relay.packets.senders import Admitted, same_sender, sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.core.nouns import Decision, Peer
    from catflap.relay.channel import Reader, Writer
    from catflap.relay.opening import Listener, Opening

__all__ = ("BoundOpener",)


class BoundOpener(ABC):
    """Exchanges packets by a socket that is not connected: RECV, DATAGRAM and SENDTO kinds.

    A family says how the socket is made and where packets go. Those that wait for packets (RECV)
    are opened at the start, before privileges are dropped; the others for each session.

    Args:
        side: the address.
        has_ports: whether senders have ports.
    """

    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, side: Side, *, has_ports: bool = True) -> None:
        """Read what all families have."""
        self.side = side
        self.guard = Guard()
        self.announce: Callable[[Side, Listener], None] | None = None
        self.target = side.address.name
        self.notes: list[str] = []
        self.sockets: list[socket.socket] = []
        self.waits = side.listens
        self.has_ports = has_ports
        self.ending = Ending.NONE
        self._null_ends = side.flag("null-eof").value

    @abstractmethod
    def make(self) -> list[socket.socket]:
        """Return new sockets, bound where the address says so; mostly one.

        Raises:
            OperationError: that cannot be.
        """

    async def destination(self, opening: Opening) -> object:
        """Return where packets go, as the socket module takes it; ``None`` for nowhere.

        Raises:
            OperationError: the name is not known.
        """
        del opening
        return None

    def answers_only(self) -> bool:
        """Whether packets of others than the destination are left alone (the SENDTO kinds)."""
        return False

    def release(self) -> None:  # noqa: B027 - most make nothing besides
        """Remove what :meth:`make` made besides the socket."""

    def listen(self) -> None:
        """Bind, if packets are waited for.

        Raises:
            OperationError: the address is taken.
        """
        if self.waits:
            self.sockets = self.make()
            if self.announce is not None:
                self.announce(self.side, self)  # type: ignore[arg-type]

    def describe(self) -> tuple[str, ...]:
        """Return where it receives."""
        return tuple(
            str(sender(sock.getsockname(), has_ports=self.has_ports)) for sock in self.sockets
        )

    async def open(self, opening: Opening) -> Channel:
        """Return the channel."""
        destination = await self.destination(opening)
        sockets, self.sockets = self.sockets or self.make(), []
        return self._channel(sockets, destination, opening)

    def _channel(
        self, sockets: list[socket.socket], destination: object, opening: Opening
    ) -> Channel:
        sock, *others = sockets
        reader: Reader | None = None
        writer: Writer | None = None
        merged: MergedReader | None = None
        accepts = self._accepts(destination, opening)
        if opening.reads and others:
            halves = [self._told_reader(each, accepts, opening) for each in sockets]
            reader = merged = MergedReader(halves)
        elif opening.reads:
            reader = self._told_reader(sock, accepts, opening)
        if opening.writes and destination is not None:
            writer = self.writer(sock, destination)

        def cleanup() -> None:
            if merged is not None:
                merged.close()
            for each in others:
                each.close()
            self.release()

        channel = packet_channel(sock, reader, writer, self.target, cleanup)
        with contextlib.suppress(OSError):
            channel.local = sender(sock.getsockname(), has_ports=self.has_ports)
        return channel

    def _told_reader(
        self, sock: socket.socket, accepts: Callable[[object], bool] | None, opening: Opening
    ) -> PacketReader:
        reader = self.reader(sock, accepts)
        if opening.detail is not None and asks_ancillary(self.side):
            reader.tell_details(sock, opening.detail)
        if opening.arrival is not None:
            reader.tell_arrivals(opening.arrival)
        return reader

    def reader(self, sock: socket.socket, accepts: Callable[[object], bool] | None) -> PacketReader:
        """Return the reading half."""
        return PacketReader(sock, accepts, null_ends=self._null_ends)

    def writer(self, sock: socket.socket, destination: object) -> Writer:
        """Return the writing half."""
        local = sock.family == socket.AF_UNIX
        return PacketWriter(sock, destination, self.ending, gives_up=local)

    def _accepts(self, destination: object, opening: Opening) -> Callable[[object], bool] | None:
        if self.answers_only():
            return same_sender(destination, has_ports=self.has_ports)
        if not self.guard.asks_source:
            return None

        def tell(peer: Peer, decision: Decision, count: int) -> None:
            packets = "a packet" if count == 1 else f"{count} packets"
            opening.notice(f"refused {packets} of {peer}: {decision.rule}: {decision.reason}")

        return Admitted(self.guard, tell, opening.loop.time, has_ports=self.has_ports)

    def close(self) -> None:
        """Release what was bound and not used."""
        while self.sockets:
            self.sockets.pop().close()
        if self.waits:
            self.release()
