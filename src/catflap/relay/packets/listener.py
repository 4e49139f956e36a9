"""What waits for packets: one socket for all peers; a family says how it is bound."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from catflap.relay.channel import Channel, Ending
from catflap.relay.packets.ancillary import asks_ancillary
from catflap.relay.packets.senders import sender

if TYPE_CHECKING:
    import socket

    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.packets.mailbox import Mailbox
    from catflap.relay.poller import Poller

__all__ = ("PRIVILEGES", "PacketListener")

PRIVILEGES = frozenset(
    {
        "substuser",
        "substuser-early",
        "substuser-delayed",
        "setuid",
        "setuid-early",
        "setgid",
        "setgid-early",
        "chroot",
        "chroot-early",
    }
)
"""What a listener asks of the whole process; applied by the service."""


class PacketListener(ABC):
    """Binds sockets on which packets of many peers come; a family says how.

    Args:
        side: the address.
        one_packet: whether each packet is a session of its own (the RECVFROM kinds), rather than
            all packets of one peer (the LISTEN kinds).
        has_ports: whether a second field of a peer's address is a port.
        ending: how a peer is told that no more comes.
    """

    takes: ClassVar[frozenset[str]] = frozenset()
    shakes_hands: ClassVar[bool] = False
    """Whether :meth:`agree` has to be waited for."""

    answers: ClassVar[bool] = True
    """Whether senders can be answered."""

    def __init__(
        self,
        side: Side,
        *,
        one_packet: bool,
        has_ports: bool = True,
        ending: str = Ending.NONE,
    ) -> None:
        """Read what all families have."""
        self.side = side
        self.one_packet = one_packet
        self.has_ports = has_ports
        self.ending = ending
        self.null_ends = side.flag("null-eof").value
        self.ancillary = asks_ancillary(side)
        self.sockets: list[socket.socket] = []
        self.notes: list[str] = []
        self._names: tuple[str, ...] = ()

    @abstractmethod
    def open(self) -> None:
        """Bind.

        Raises:
            OperationError: the address is taken, or may not be used.
        """

    def describe(self) -> tuple[str, ...]:
        """Return the addresses it really receives on."""
        if self.sockets:
            self._names = tuple(str(self.sender(sock.getsockname())) for sock in self.sockets)
        return self._names

    def sender(self, address: object) -> Peer:
        """Return the peer that has an address."""
        return sender(address, has_ports=self.has_ports)

    def facts(self, address: object) -> dict[str, str] | None:
        """Return what a sender's address tells besides, by names as children know them."""
        del address
        return None

    def payload(self, sock: socket.socket, packet: bytes) -> bytes:
        """Return what of a packet is passed on: all of it, where the kernel adds nothing."""
        del sock
        return packet

    def screen(self, packet: bytes, address: object) -> bytes | None:
        """Look at a stranger's first packet; return what is to be answered instead of a session.

        ``None`` lets it begin a session, an empty answer drops it.
        """
        del packet, address
        return None

    async def agree(self, loop: Poller, box: Mailbox, channel: Channel, address: object) -> Channel:
        """Make the channel of a peer with whom something has to be agreed first.

        Args:
            loop: where it runs.
            box: the peer's packets.
            channel: how to answer, and what to close in the end.
            address: the peer, as the socket module takes it.
        """
        del loop, box, address
        return channel

    def take(self) -> list[socket.socket]:
        """Hand the sockets over; :meth:`close` leaves them alone from then on."""
        self.describe()
        taken, self.sockets = self.sockets, []
        return taken

    def close(self) -> None:
        """Close the sockets and remove what was made."""
        while self.sockets:
            self.sockets.pop().close()
