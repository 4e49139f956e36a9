"""Listening for TCP: what TCP and all that runs over it share at the near end."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.effective import Dialect
from catflap.bridge.side import split_host_port
from catflap.core.errors import OperationError
from catflap.relay.ending import ending_of
from catflap.relay.handed_in import take_internet
from catflap.relay.leaving import copy_of_leaving, listen_beside_leaving
from catflap.relay.openers.tcp_sockets import NEAR_BUFFER, NODELAY, peer_of, reason_of
from catflap.relay.opening import COMMON_OPTIONS
from catflap.relay.resolve import Target, judge_family, port_number, socket_address
from catflap.relay.retry import RETRY_OPTIONS
from catflap.relay.socket_options import SocketSetup, socket_kind

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.relay.opening import Adopting

__all__ = ("TcpAcceptor",)

_TCP = frozenset({0, socket.IPPROTO_TCP})
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
)
_BACKLOG = 1024
_SOCAT_BACKLOG = 5


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
        near = (NEAR_BUFFER,) if side.is_loopback_only else ()
        self._setup = SocketSetup(side, (NODELAY, *keepalive, *near))
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
        message = f"{shown}:{port} cannot be listened on: {reason_of(error)}"
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
            message = f"the host {host} of bind= is not known: {reason_of(error)}"
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
