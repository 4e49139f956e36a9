"""Where listeners listen, and which of those places cannot be shared."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.side import Side

__all__ = ("Place", "places_of")

_EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - these are compared, not bound
_UNIX = frozenset({Transport.UNIX})


@dataclass(frozen=True, slots=True)
class Place:
    """One address and port, or one path.

    Args:
        transport: TLS listens on the ports of TCP.
        network: the namespace that it is in.
        host: nothing for a path.
        port: nothing for a path.
        path: from the root on.
    """

    transport: str
    network: str
    host: str = ""
    port: str = ""
    path: str = ""

    @property
    def mend(self) -> str:
        """What the second listener needs."""
        return "another path" if self.path else "another port or bind=ADDRESS"

    def __str__(self) -> str:
        """Return it as people write it."""
        return self.path or f"{self.host} port {self.port}"

    @property
    def group(self) -> tuple[str, ...]:
        """What two places have in common that may clash."""
        version = ":" if ":" in self.host else "."
        return (self.transport, self.network, version, self.port, self.path)

    def clashes(self, other: Place) -> bool:
        """Return whether this place and another of its group cannot be listened on both.

        Every address of a version takes each of them in (ip(7)).
        """
        if self.host == other.host:
            return True
        return self.transport == "TCP" and not _EVERY.isdisjoint((self.host, other.host))


def places_of(side: Side) -> Iterator[Place]:
    """Yield where a listener of a configuration listens, as far as it cannot be shared.

    Port 0 is any, and so-reuseport asks for sharing.
    """
    transport, network = side.kind.transport, side.text("netns").value
    if transport in _UNIX:
        path = str(side.parameter(ParameterType.PATH))
        if path:
            yield Place("UNIX", "", path=os.path.normpath(path))
        return
    if not side.is_internet or side.port.value in {"", "0"} or side.last("so-reuseport"):
        return
    for host in side.bind_hosts.value:
        yield Place(transport.name.replace("TLS", "TCP"), network, host, side.port.value)
