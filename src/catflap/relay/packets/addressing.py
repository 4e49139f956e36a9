"""Internet addresses of packet sockets: where packets go, and what their sockets are bound to."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.relay.lookup import Lookup
from catflap.relay.resolve import (
    Target,
    judge_family,
    literal_targets,
    preferred,
    resolve,
    socket_address,
)

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.relay.opening import Opening
    from catflap.relay.socket_options import SocketSetup

__all__ = ("DATAGRAM_FLAGS", "Destination", "bind_listener", "explain", "lookup", "protocol_of")

DATAGRAM_FLAGS = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
_UDPLITE = 136  # IPPROTO_UDPLITE, linux/in.h
_FAMILIES = {"4": socket.AF_INET, "6": socket.AF_INET6}


def protocol_of(side: Side) -> int:
    """Return the third argument of socket(2) for a UDP or UDP-Lite kind."""
    return _UDPLITE if side.kind.name.startswith("UDPLITE") else 0


class Destination:
    """Where packets go.

    Packets tell nothing of a way that fails, so there is no race of several addresses as for
    connections: the first counts, and of a name with both versions of IP the IPv4 address in the
    C program's dialect.

    Args:
        side: its dialect and IP version count.
        host: name or literal.
        port: or 0, where there is none.
    """

    __slots__ = ("_family", "_host", "_literals", "_lookup", "_port", "_prefers_four")

    def __init__(self, side: Side, host: str, port: int) -> None:
        """Look at literals at once."""
        self._host = host
        self._port = port
        self._family = side.family
        self._lookup = Lookup.of(side)
        self._prefers_four = side.dialect is Dialect.SOCAT
        self._literals = literal_targets(host, port, side.family)

    @property
    def literal(self) -> Target | None:
        """The address, when no name server has to be asked."""
        return self._literals[0] if self._literals else None

    async def find(self, opening: Opening) -> Target:
        """Return the address.

        Raises:
            OperationError: the name is not known.
        """
        if self._literals:
            return preferred(self._literals, opening.prefer)[0]
        targets = await resolve(opening.loop, self._host, self._port, self._family, self._lookup)
        if self._prefers_four:
            return preferred(targets, opening.prefer or "4")[0]
        return targets[0]


def lookup(side: Side, host: str, port: int) -> Target:
    """Return a local address by name or literal.

    Raises:
        OperationError: the name is not known.
    """
    literal = socket_address(host, port)
    if literal is not None:
        if side.last("bind") is not None:
            judge_family(host, literal, side.family)
        return literal
    wanted = _FAMILIES.get(side.family, socket.AF_UNSPEC)
    try:
        found = socket.getaddrinfo(host, port, wanted, socket.SOCK_DGRAM)
    except OSError as error:
        message = f"the host {host} of bind= is not known: {error.strerror or error}"
        raise OperationError(message) from error
    return found[0][0], found[0][4]  # type: ignore[return-value]


def bind_listener(
    side: Side, target: Target, kind: int, protocol: int, setup: SocketSetup
) -> socket.socket:
    """Return a socket bound to a local address.

    Args:
        side: its options count.
        target: the local address.
        kind: SOCK_DGRAM or SOCK_RAW.
        protocol: the third argument of socket(2).
        setup: the options of socket(7) that were asked for.

    Raises:
        OSError: the kernel refuses.
    """
    family, address = target
    sock = socket.socket(family, kind | DATAGRAM_FLAGS, protocol)
    try:
        if family == socket.AF_INET6 and kind != socket.SOCK_RAW:
            # A raw socket has no use for it: the kernel refuses the option there (EINVAL).
            alone = len(side.bind_hosts.value) > 1 or side.dialect is Dialect.CATFLAP
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(alone))
        setup.before(sock)
        sock.bind(address)
        setup.after(sock)
    except BaseException:
        sock.close()
        raise
    return sock


def explain(what: str, error: OSError, hints: dict[int, str] | None = None) -> OperationError:
    """Return the error to raise when the kernel refuses a packet socket."""
    number = error.errno or 0
    known = {
        errno.EADDRINUSE: "another program receives there; ss -lnp shows which",
        errno.EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE",
        errno.EPERM: "this needs CAP_NET_RAW, or root",
        errno.EADDRNOTAVAIL: "ip address shows the addresses of this host",
        errno.EPROTONOSUPPORT: "this kernel was built without that protocol",
        errno.ESOCKTNOSUPPORT: "this kernel was built without that protocol",
        errno.EAFNOSUPPORT: "this kernel was built without that address family",
    }
    hint = (hints or {}).get(number, known.get(number, ""))
    words = error.strerror or (os.strerror(number) if number else str(error))
    return OperationError(f"{what}: {words}", hint)
