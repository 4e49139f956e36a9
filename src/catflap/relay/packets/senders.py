"""Who sent a packet: socket addresses as peers, and whether a sender is the one expected."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.core.nouns import Peer
from catflap.guard.networks import address_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.core.nouns import Decision
    from catflap.guard.guard import Guard

__all__ = ("Admitted", "address_towards", "same_sender", "sender", "shown")

_TOLD_EVERY = 1.0
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


def sender(address: object, *, has_ports: bool = True) -> Peer:
    """Return the peer of an address as recvfrom(2) gives it.

    Args:
        address: a tuple of an internet family, a name of a UNIX socket, or whatever else.
        has_ports: whether the second field is a port; raw sockets fill it otherwise.
    """
    if isinstance(address, tuple) and len(address) > 1:
        host, port = address[0], address[1]
        if isinstance(host, str):
            return Peer(host, port if has_ports and isinstance(port, int) else 0)
        if isinstance(port, int):
            # AF_VSOCK tells two numbers: context and port (vsock(7)).
            return Peer(f"vsock:{host}", port)
    if isinstance(address, (str, bytes)) and address:
        name = shown(address)
        # A relative name is its owner's to choose, and must not count as an internet address.
        return Peer(name if address_number(name) is None else f"./{name}")
    return Peer(str(address) if address else "unix")


def shown(name: str | bytes) -> str:
    """Return the name of a UNIX socket for people; abstract ones begin with ``@``."""
    text = os.fsdecode(name)
    return f"@{text[1:]}" if text.startswith("\0") else text


def address_towards(peer: Peer, bound: Peer) -> Peer:
    """Return the address of ours that a peer talks with.

    Args:
        peer: who it is.
        bound: what our socket is bound to; of all interfaces, the one that the kernel sends by is
            looked up, as connect(2) does without sending anything.
    """
    if bound.host not in _ANY or not peer.port:
        return bound
    family = socket.AF_INET6 if ":" in peer.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as probe:
            probe.connect((peer.host, peer.port))
            return Peer(probe.getsockname()[0], bound.port)
    except OSError:
        return bound


class Admitted:
    """Lets through packets whose senders a guard admits; refusals are told once a second.

    Args:
        guard: decides by the sender's address.
        tell: is told a sender, the decision, and how many packets were refused meanwhile.
        time: a clock in seconds that never goes back.
        has_ports: whether senders have ports.
    """

    __slots__ = ("_guard", "_has_ports", "_refused", "_tell", "_time", "_told_at")

    def __init__(
        self,
        guard: Guard,
        tell: Callable[[Peer, Decision, int], None],
        time: Callable[[], float],
        *,
        has_ports: bool = True,
    ) -> None:
        """Nothing was refused yet."""
        self._guard = guard
        self._tell = tell
        self._time = time
        self._has_ports = has_ports
        self._refused = 0
        self._told_at = -_TOLD_EVERY

    def __call__(self, address: object) -> bool:
        """Whether a packet of this sender is taken."""
        peer = sender(address, has_ports=self._has_ports)
        guard = self._guard
        decision = guard.admit(peer, clock.now() if guard.is_timed else 0.0)
        if decision.allowed:
            return True
        self._refused += 1
        now = self._time()
        if now - self._told_at >= _TOLD_EVERY:
            self._told_at = now
            self._tell(peer, decision, self._refused)
            self._refused = 0
        return False


def same_sender(expected: object, *, has_ports: bool = True) -> Callable[[object], bool]:
    """Return a test whether a packet's sender is the one that ours go to (SENDTO kinds)."""
    if isinstance(expected, tuple):
        length = 2 if has_ports else 1
        wanted = (_bare(expected[0]), *expected[1:length])

        def is_same(address: object) -> bool:
            if not isinstance(address, tuple):
                return False
            return (_bare(address[0]), *address[1:length]) == wanted

        return is_same
    name = os.fsencode(expected) if isinstance(expected, str) else expected

    def has_name(address: object) -> bool:
        return (os.fsencode(address) if isinstance(address, str) else address) == name

    return has_name


def _bare(host: object) -> object:
    """Return a host without its zone, in one spelling."""
    if not isinstance(host, str):
        return host
    text = host.partition("%")[0]
    if ":" not in text:
        return text
    try:
        return socket.inet_pton(socket.AF_INET6, text)
    except OSError:
        return text
