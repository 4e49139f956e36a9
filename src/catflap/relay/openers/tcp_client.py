"""Connecting by TCP: what TCP and all that runs over it share at the far end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import random
import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.side import split_host_port
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel
from catflap.relay.ending import ending_of
from catflap.relay.lookup import Lookup
from catflap.relay.openers.carried import Carrier
from catflap.relay.openers.racing import connect_any
from catflap.relay.openers.tcp_sockets import NEAR_BUFFER, NODELAY, reason_of
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.proxy_header import Greeting
from catflap.relay.readiness import until_connected
from catflap.relay.resolve import Target, literal_targets, port_number, preferred, resolve
from catflap.relay.retry import RETRY_OPTIONS, Retry
from catflap.relay.socket_options import SocketSetup, socket_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.bridge.side import Side
    from catflap.relay.poller import Poller

__all__ = ("TcpClient",)

_LOW_PORTS = range(640, 1024)


class TcpClient:
    """Connects sockets to a host: what TCP and all that runs over it share."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | RETRY_OPTIONS
        | {
            "bind",
            "sourceport",
            "lowport",
            "connect-timeout",
            "protocol-family",
            "so-type",
            "so-protocol",
            "cloexec",
            "send-proxy",
            "via",
        }
    )

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the port is no service, or an option means nothing through ``via=``.
        """
        self._side = side
        self._carrier = Carrier.of(side)
        self.trusts = self._carrier.trusts if self._carrier is not None else ()
        self._host = side.own_host.value
        self._port = port_number(side, side.own_port.value, side.own_port.span)
        self._family = side.family
        near = (NEAR_BUFFER,) if side.is_loopback_only else ()
        self._setup = SocketSetup(side, (NODELAY, *near))
        self._retry = Retry(side)
        self._ending = ending_of(side)
        self._source = _source(side)
        self._low = side.flag("lowport").value
        self._timeout = side.seconds("connect-timeout", -1.0)
        self._literals = literal_targets(self._host, self._port, self._family)
        self._greeting = Greeting(side)
        self._lookup = Lookup.of(side)
        self._kind, self._protocol = socket_kind(side, socket.SOCK_STREAM)
        self._is_near = self._carrier is None and len(self._literals) == 1 and side.is_loopback_only
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.target = f"{shown}:{self._port}"

    def limit(self, opening: Opening) -> float:
        """Return within how many seconds it must be connected; 0 is no limit."""
        return self._timeout.value if self._timeout.is_said else opening.timeout

    @property
    def is_carried(self) -> bool:
        """Whether it goes through another address instead of a connection of its own."""
        return self._carrier is not None

    async def carry(self, opening: Opening, *, greet: bool = True) -> Channel:
        """Return a channel: a connection, or what ``via=`` names.

        Args:
            opening: the session it is for.
            greet: send the PROXY header where one is asked for.

        Raises:
            OperationError: nothing answered, or the header cannot be sent.
        """
        if self._carrier is None:
            sock = await (self.connect(opening) if greet else self._connect(opening))
            return Channel.of_socket(sock, self.target, self._ending)
        greeting = self._greeting if greet else None
        channel = await self._carrier.open(opening, self.limit(opening), greeting)
        channel.describe = self.target
        return channel

    async def connect(self, opening: Opening) -> socket.socket:
        """Return a connected socket, the PROXY header sent where one is asked for.

        Raises:
            OperationError: no address answered, or the header cannot be sent.
        """
        sock = await self._connect(opening)
        return self._greeted(sock, opening)

    def _greeted(self, sock: socket.socket, opening: Opening) -> socket.socket:
        try:
            self._greeting.send(sock, opening)
        except BaseException:
            sock.close()
            raise
        return sock

    async def _connect(self, opening: Opening) -> socket.socket:
        seconds = self.limit(opening)
        pending: socket.socket | None = None
        if len(self._literals) == 1:
            pending, connected = self._start(self._literals[0])
            if connected:
                return pending
        elif (
            self._literals
            and (near := self._start_any(preferred(self._literals, opening.prefer))) is not None
        ):
            return near
        try:
            async with asyncio.timeout(seconds or None):
                if pending is not None:
                    return await self._finish(opening.loop, pending)
                targets = await resolve(
                    opening.loop, self._host, self._port, self._family, self._lookup, opening.prefer
                )
                return await connect_any(targets, lambda t: self._connect_one(opening.loop, t))
        except TimeoutError:
            message = f"{self.target} did not answer within {seconds:g} s"
            raise OperationError(message, "connect-timeout=SECONDS changes the limit") from None
        except OSError as error:
            message = f"{self.target} cannot be reached: {reason_of(error)}"
            raise OperationError(message) from error

    def _start_any(self, targets: Iterable[Target]) -> socket.socket | None:
        """Return the first that connects at once, as those on this host do."""
        for target in targets:
            with contextlib.suppress(OperationError):
                sock, connected = self._start(target)
                if connected:
                    return sock
                sock.close()
        return None

    def _start(self, target: Target, *, data_waits: bool = False) -> tuple[socket.socket, bool]:
        """Begin to connect; return the socket and whether it is connected already.

        Args:
            target: where to.
            data_waits: whether bytes are sent at once. The acknowledgement that ends TCP's
                handshake then travels with them (tcp(7), TCP_QUICKACK), and the other side wakes
                once instead of twice.
        """
        family, address = target
        sock = self._make(family)
        try:
            self._setup.before(sock)
            self._bind(sock, family)
            if data_waits:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
            number = sock.connect_ex(address)
            if number == errno.EINPROGRESS:
                # On loopback the handshake is over by now: asking again spares an epoll round.
                number = sock.connect_ex(address)
            if number in {0, errno.EISCONN}:
                self._setup.after(sock)
                return sock, True
            if number in {errno.EINPROGRESS, errno.EALREADY}:
                return sock, False
            raise OSError(number, os.strerror(number))
        except OSError as error:
            sock.close()
            message = f"{self.target} cannot be reached: {reason_of(error)}"
            raise OperationError(message) from error
        except BaseException:
            sock.close()
            raise

    def _make(self, family: socket.AddressFamily) -> socket.socket:
        try:
            return socket.socket(family, self._kind, self._protocol)
        except OSError as error:
            message = f"{self.target} cannot be reached: {reason_of(error)}"
            raise OperationError(message) from error

    async def _finish(self, loop: Poller, sock: socket.socket) -> socket.socket:
        try:
            await until_connected(loop, sock)
            self._setup.after(sock)
        except BaseException:
            sock.close()
            raise
        return sock

    async def _connect_one(self, loop: Poller, target: Target) -> socket.socket:
        sock, connected = self._start(target)
        return sock if connected else await self._finish(loop, sock)

    def _bind(self, sock: socket.socket, family: socket.AddressFamily) -> None:
        host, port = self._source
        if self._low:
            _bind_low(sock, family, host)
        elif host or port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            any_host = "::" if family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104 - a client's own end
            try:
                sock.bind((host or any_host, port))
            except socket.gaierror as error:
                message = f"the host {host} of bind= is not known: {reason_of(error)}"
                raise OperationError(message) from error

    def close(self) -> None:
        """Nothing is held between sessions, but perhaps by what it goes through."""
        if self._carrier is not None:
            self._carrier.close()


def _source(side: Side) -> tuple[str, int]:
    host, port = split_host_port(side.text("bind").value)
    number = side.number("sourceport").value
    if port:
        number = port_number(side, port, side.text("bind").span)
    return host, number


def _bind_low(sock: socket.socket, family: socket.AddressFamily, host: str) -> None:
    """Bind a random port of 640 to 1023, as rsh's clients did."""
    any_host = "::" if family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104 - a client's own end
    ports = list(_LOW_PORTS)
    random.shuffle(ports)
    for port in ports:
        try:
            sock.bind((host or any_host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise
        return
    raise OSError(errno.EADDRINUSE, "no port below 1024 is free")
