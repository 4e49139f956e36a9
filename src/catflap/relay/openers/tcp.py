"""TCP, both ways: clients with happy eyeballs, listeners on loopback unless told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.relay.channel import Channel
from catflap.relay.openers.tcp_acceptor import TcpAcceptor
from catflap.relay.openers.tcp_client import TcpClient

if TYPE_CHECKING:
    import socket

    from catflap.core.nouns import Peer
    from catflap.relay.opening import Opening
    from catflap.relay.poller import Poller

__all__ = ("TcpListener", "TcpOpener")


class TcpOpener(TcpClient):
    """Opens a TCP connection."""

    def open_now(self, opening: Opening, *, data_waits: bool) -> Channel | None:
        """Connect to an address of this host, which takes no waiting."""
        if not self._is_near or self._retry.is_asked:
            return None
        sock, connected = self._start(self._literals[0], data_waits=data_waits)
        if connected:
            return Channel.of_socket(self._greeted(sock, opening), self.target, self._ending)
        sock.close()
        return None

    async def open(self, opening: Opening) -> Channel:
        """Connect, trying all addresses."""
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        return await self.carry(opening)


class TcpListener(TcpAcceptor):
    """Serves plain TCP."""

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        self._setup.after(sock)
        return Channel.of_socket(sock, str(peer), self._ending)

    async def receive(self, loop: Poller, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        del loop
        return self.receive_now(sock, peer)
