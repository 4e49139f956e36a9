"""ACCEPT-FD: a listening socket that somebody else opened for us (sd_listen_fds(3), inetd)."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import ParameterType
from catflap.bridge.effective import Dialect
from catflap.bridge.side import is_loopback
from catflap.core.errors import OperationError
from catflap.core.units import parse_integer
from catflap.relay.channel import Channel
from catflap.relay.ending import ending_of
from catflap.relay.inherited import access_mode
from catflap.relay.openers.tcp_sockets import peer_of
from catflap.relay.opening import COMMON_OPTIONS
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.opening import Adopting
    from catflap.relay.poller import Poller

__all__ = ("AcceptFdListener",)


class AcceptFdListener:
    """Serves whoever connects to an inherited listening socket.

    No rule can see where it listens. In our dialect one that strangers can reach is therefore
    served only with ``range=``.
    """

    takes: ClassVar[frozenset[str]] = COMMON_OPTIONS | {
        *("range", "fork", "max-children", "accept-timeout", "cloexec"),
    }

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._number = parse_integer(side.parameter(ParameterType.DESCRIPTOR))
        self._setup = SocketSetup(side)
        self._ending = ending_of(side)
        self.was_blocking = False
        self.sockets: list[socket.socket] = []
        self.notes: list[str] = []

    def open(self) -> None:
        """Take the socket.

        Raises:
            OperationError: it is none that listens, or is open to strangers without ``range=``.
        """
        access_mode(self._number)
        try:
            sock = socket.socket(fileno=os.dup(self._number))
            listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError as error:
            raise OperationError(f"descriptor {self._number} is no socket") from error
        if not listens or sock.type != socket.SOCK_STREAM:
            sock.close()
            message = f"descriptor {self._number} is no stream socket that listens"
            raise OperationError(message, "FD takes one that is connected")
        try:
            self._check_reach(sock)
        except BaseException:
            sock.close()
            raise
        os.set_inheritable(sock.fileno(), False)
        # Shared with whoever gave it to us, so it is given back as it was.
        self.was_blocking = os.get_blocking(sock.fileno())
        sock.setblocking(False)
        self.sockets.append(sock)

    def _check_reach(self, sock: socket.socket) -> None:
        address = sock.getsockname()
        if self._side.dialect is not Dialect.CATFLAP or sock.family not in {
            socket.AF_INET,
            socket.AF_INET6,
        }:
            return
        if not is_loopback(address[0]) and not self._side.networks.is_said:
            message = f"descriptor {self._number} listens on {peer_of(address)}, beyond this host"
            raise OperationError(message, "range=[NETWORKS] says who may come")

    def adopt(self, other: Adopting) -> None:
        """Take the open socket of a listener on the same descriptor."""
        self.sockets.extend(other.sockets)
        other.sockets.clear()
        if isinstance(other, AcceptFdListener):
            self.was_blocking = other.was_blocking

    def describe(self) -> tuple[str, ...]:
        """Return where it listens."""
        return tuple(_shown(sock.getsockname()) for sock in self.sockets)

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        self._setup.after(sock)
        return Channel.of_socket(sock, str(peer), self._ending)

    async def receive(self, loop: Poller, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        del loop
        return self.receive_now(sock, peer)

    def close(self) -> None:
        """Give the socket back; whoever opened it goes on to listen."""
        while self.sockets:
            sock = self.sockets.pop()
            with contextlib.suppress(OSError):
                os.set_blocking(sock.fileno(), self.was_blocking)
            sock.close()


def _shown(address: object) -> str:
    if isinstance(address, tuple):
        return str(peer_of(address))
    text = os.fsdecode(address) if isinstance(address, bytes) else str(address)
    return f"@{text[1:]}" if text.startswith("\0") else text
