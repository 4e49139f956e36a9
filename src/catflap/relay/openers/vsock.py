"""VSOCK: streams between virtual machines and their host, by context id and port (vsock(7))."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import ParameterType
from catflap.core.units import parse_integer
from catflap.relay.ending import ending_of
from catflap.relay.openers.sockets import stream_channel
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.addressing import explain
from catflap.relay.packets.listener import PRIVILEGES
from catflap.relay.readiness import until_connected
from catflap.relay.retry import RETRY_OPTIONS, Retry
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.channel import Channel
    from catflap.relay.poller import Poller

__all__ = ("VsockListener", "VsockOpener")

_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
_ANY = 0xFFFFFFFF
"""VMADDR_CID_ANY and VMADDR_PORT_ANY of linux/vm_sockets.h."""

_BACKLOG = 1024


def _port(side: Side) -> int:
    return parse_integer(side.parameter(ParameterType.PORT))


def _local(side: Side, port: int) -> tuple[int, int] | None:
    """Return what ``bind=CID:PORT`` says; either may be left out."""
    text = side.text("bind").value
    if not text:
        return None
    cid, _, number = text.partition(":")
    return (parse_integer(cid) if cid else _ANY, parse_integer(number) if number else port)


class VsockOpener:
    """Connects to a port of a machine."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS | RETRY_OPTIONS | {"bind", "cloexec", "connect-timeout"}
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._cid = parse_integer(side.parameter(ParameterType.NUMBER))
        self._port = _port(side)
        self._setup = SocketSetup(side)
        self._retry = Retry(side)
        self._ending = ending_of(side)
        self.target = f"vsock:{self._cid}:{self._port}"

    async def open(self, opening: Opening) -> Channel:
        """Connect.

        Raises:
            OperationError: nobody answers, or this kernel has no such transport.
        """
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        what = f"{self.target} cannot be reached"
        try:
            sock = socket.socket(socket.AF_VSOCK, _STREAM)
        except OSError as error:
            raise explain(what, error) from error
        try:
            self._setup.before(sock)
            local = _local(self._side, _ANY)
            if local is not None:
                sock.bind(local)
            try:
                sock.connect((self._cid, self._port))
            except BlockingIOError:
                await until_connected(opening.loop, sock)
            self._setup.after(sock)
        except OSError as error:
            sock.close()
            raise explain(what, error) from error
        except BaseException:
            sock.close()
            raise
        return stream_channel(sock, self.target, self._ending)

    def close(self) -> None:
        """Nothing is held between sessions."""


class VsockListener:
    """Accepts connections of other machines of this host, and of the host."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | RETRY_OPTIONS
        | PRIVILEGES
        | {"bind", "cloexec", "fork", "max-children", "backlog", "accept-timeout"}
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._port = _port(side)
        self._setup = SocketSetup(side)
        self._ending = ending_of(side)
        self.sockets: list[socket.socket] = []
        self.notes: list[str] = []

    def open(self) -> None:
        """Bind and listen.

        Raises:
            OperationError: the port is taken, or this kernel has no such sockets.
        """
        what = f"vsock port {self._port} cannot be listened on"
        try:
            sock = socket.socket(socket.AF_VSOCK, _STREAM)
        except OSError as error:
            raise explain(what, error) from error
        try:
            self._setup.before(sock)
            sock.bind(_local(self._side, self._port) or (_ANY, self._port))
            sock.listen(self._side.number("backlog", _BACKLOG).value)
        except OSError as error:
            sock.close()
            raise explain(what, error) from error
        except BaseException:
            sock.close()
            raise
        self.sockets.append(sock)

    def describe(self) -> tuple[str, ...]:
        """Return the addresses it really listens on."""
        found = []
        for sock in self.sockets:
            cid, port = sock.getsockname()
            found.append(f"vsock:{'any' if cid == _ANY else cid}:{port}")
        return tuple(found)

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        self._setup.after(sock)
        return stream_channel(sock, str(peer), self._ending)

    async def receive(self, loop: Poller, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of an accepted socket."""
        del loop
        return self.receive_now(sock, peer)

    def close(self) -> None:
        """Stop listening."""
        while self.sockets:
            self.sockets.pop().close()
