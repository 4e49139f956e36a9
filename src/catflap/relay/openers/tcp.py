"""TCP, both ways: clients with happy eyeballs, listeners on loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import random
import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.effective import Dialect
from catflap.bridge.side import split_host_port
from catflap.core.errors import OperationError
from catflap.core.nouns import Peer
from catflap.relay.channel import Channel
from catflap.relay.ending import ending_of
from catflap.relay.handed_in import take_internet
from catflap.relay.leaving import copy_of_leaving, listen_beside_leaving
from catflap.relay.lookup import Lookup
from catflap.relay.namespaces import stay
from catflap.relay.openers.carried import Carrier
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.proxy_header import Greeting
from catflap.relay.readiness import writable
from catflap.relay.resolve import (
    Target,
    judge_family,
    literal_targets,
    port_number,
    preferred,
    resolve,
    socket_address,
)
from catflap.relay.retry import RETRY_OPTIONS, Retry
from catflap.relay.socket_options import SocketSetup, socket_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.bridge.side import Side
    from catflap.relay.opening import Adopting
    from catflap.relay.poller import Poller

__all__ = ("TcpAcceptor", "TcpClient", "TcpListener", "TcpOpener", "connect_any", "peer_of")

_TCP = frozenset({0, socket.IPPROTO_TCP})
_NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
)
_NEAR_BUFFER = (socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * 1024)
"""For peers on this host: what waits to be sent stays in the processor's cache.

The kernel would grow the buffer to megabytes, which only helps where the way is long; here one
stream moved at 2.0 GB/s with it and at 3.9 GB/s without (two cores, splice, 2026-11-23).
"""
_STAGGER_SECONDS = 0.25
_BACKLOG = 1024
_SOCAT_BACKLOG = 5
_LOW_PORTS = range(640, 1024)


def peer_of(address: object) -> Peer:
    """Return the peer of an address as the socket module gives it."""
    if isinstance(address, tuple):
        return Peer(address[0], address[1])
    return Peer("unix")


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
        near = (_NEAR_BUFFER,) if side.is_loopback_only else ()
        self._setup = SocketSetup(side, (_NODELAY, *near))
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
            message = f"{self.target} cannot be reached: {_words(error)}"
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
            message = f"{self.target} cannot be reached: {_words(error)}"
            raise OperationError(message) from error
        except BaseException:
            sock.close()
            raise

    def _make(self, family: socket.AddressFamily) -> socket.socket:
        try:
            return socket.socket(family, self._kind, self._protocol)
        except OSError as error:
            message = f"{self.target} cannot be reached: {_words(error)}"
            raise OperationError(message) from error

    async def _finish(self, loop: Poller, sock: socket.socket) -> socket.socket:
        try:
            await writable(loop, sock.fileno())
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                raise OSError(number, os.strerror(number))
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
                message = f"the host {host} of bind= is not known: {_words(error)}"
                raise OperationError(message) from error

    def close(self) -> None:
        """Nothing is held between sessions, but perhaps by what it goes through."""
        if self._carrier is not None:
            self._carrier.close()


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


def _words(error: OSError) -> str:
    return error.strerror or str(error) or "no answer"


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


async def connect_any(targets: list[Target], connect) -> socket.socket:  # type: ignore[no-untyped-def] # noqa: ANN001 - a callable of one target
    """Race the targets, each a quarter of a second after the last (RFC 8305, section 5).

    Raises:
        OSError: none answered; the error of the first.
    """
    if len(targets) == 1:
        sock: socket.socket = await connect(targets[0])
        return sock
    loop = asyncio.get_running_loop()
    attempts: list[asyncio.Task[socket.socket]] = []
    errors: list[BaseException] = []
    waiting = list(targets)
    try:
        while waiting or attempts:
            if waiting:
                attempts.append(loop.create_task(stay(connect(waiting.pop(0)))))
            done, _ = await asyncio.wait(
                attempts,
                timeout=_STAGGER_SECONDS if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for attempt in done:
                attempts.remove(attempt)
                error = attempt.exception()
                if error is None:
                    return attempt.result()
                errors.append(error)
    finally:
        for attempt in attempts:
            attempt.cancel()
            with contextlib.suppress(OSError, OperationError, asyncio.CancelledError):
                (await attempt).close()
    raise errors[0]


class TcpAcceptor:
    """Listens for TCP connections: what TCP and all that runs over it share."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | RETRY_OPTIONS
        | {
            "bind",
            "range",
            "proxy-from",
            "sourceport",
            "lowport",
            "fork",
            "max-children",
            "backlog",
            "so-reuseaddr",
            "accept-timeout",
            "protocol-family",
            "so-type",
            "so-protocol",
            "cloexec",
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

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: the port is no service.
        """
        self._side = side
        self._port = port_number(side, side.port.value, side.port.span)
        keepalive = _KEEPALIVE if side.dialect is Dialect.CATFLAP else ()
        near = (_NEAR_BUFFER,) if side.is_loopback_only else ()
        self._setup = SocketSetup(side, (_NODELAY, *keepalive, *near))
        self._kind, self._protocol = socket_kind(side, socket.SOCK_STREAM)
        self._ending = ending_of(side)
        self.sockets: list[socket.socket] = []
        self.notes: list[str] = []

    def open(self) -> None:
        """Bind every address on one port and listen."""
        hosts = self._side.bind_hosts
        port = self._bound_port()
        try:
            for host in hosts.value:
                try:
                    sock = self._listen(host, port)
                except OSError as error:
                    if self._may_skip(host, error):
                        self.notes.append(f"{host} is not there; listening without it")
                        continue
                    self._explain(host, port, error)
                self.sockets.append(sock)
                port = port or sock.getsockname()[1]
        except BaseException:
            self.close()
            raise
        if not self.sockets:
            message = f"none of {', '.join(hosts.value)} can be listened on"
            raise OperationError(message, "bind=ADDRESS names another")

    def _bound_port(self) -> int:
        _, port = split_host_port(self._side.text("bind").value)
        return port_number(self._side, port, None) if port else self._port

    def _may_skip(self, host: str, error: OSError) -> bool:
        absent = error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
        return absent and not self._side.bind_hosts.is_said and ":" in host

    def _explain(self, host: str, port: int, error: OSError) -> None:
        shown = f"[{host}]" if ":" in host else host
        hints = {
            errno.EADDRINUSE: "another program listens there; ss -ltnp shows which",
            errno.EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE, or systemd's socket",
            errno.EADDRNOTAVAIL: "ip address shows the addresses of this host",
        }
        message = f"{shown}:{port} cannot be listened on: {_words(error)}"
        raise OperationError(message, hints.get(error.errno or 0, "")) from error

    def _listen(self, host: str, port: int) -> socket.socket:
        target = socket_address(host, port)
        if target is None:
            target = self._lookup(host, port)
        if self._side.last("bind") is not None:
            judge_family(host, target, self._side.family)
        family, address = target
        given = take_internet(family, address)
        if given is not None:
            self.notes.append(f"{host} was handed in")
            self._setup.before(given)
            return given
        copy = copy_of_leaving(family, address) if self._protocol in _TCP else None
        if copy is not None:
            return copy
        sock = self._make(family)
        try:
            reuse = self._side.value("so-reuseaddr", 1).value
            if reuse is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(bool(reuse)))
            if family == socket.AF_INET6:
                alone = (
                    len(self._side.bind_hosts.value) > 1 or self._side.dialect is Dialect.CATFLAP
                )
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(alone))
            self._setup.before(sock)
            default = _BACKLOG if self._side.dialect is Dialect.CATFLAP else _SOCAT_BACKLOG
            backlog = self._side.number("backlog", default).value
            listen_beside_leaving(sock, address, backlog)
        except BaseException:
            sock.close()
            raise
        return sock

    def _make(self, family: socket.AddressFamily) -> socket.socket:
        return socket.socket(family, self._kind, self._protocol)

    def _lookup(self, host: str, port: int) -> Target:
        wanted = {"4": socket.AF_INET, "6": socket.AF_INET6}.get(
            self._side.family, socket.AF_UNSPEC
        )
        try:
            found = socket.getaddrinfo(host, port, wanted, socket.SOCK_STREAM)
        except OSError as error:
            message = f"the host {host} of bind= is not known: {_words(error)}"
            raise OperationError(message) from error
        return found[0][0], found[0][4]  # type: ignore[return-value]

    def adopt(self, other: Adopting) -> None:
        """Take the open sockets of a listener on the same addresses."""
        self.sockets.extend(other.sockets)
        other.sockets.clear()

    def describe(self) -> tuple[str, ...]:
        """Return the addresses it really listens on."""
        return tuple(str(peer_of(sock.getsockname())) for sock in self.sockets)

    def close(self) -> None:
        """Stop listening."""
        while self.sockets:
            self.sockets.pop().close()


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
