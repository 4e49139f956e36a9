"""How do you speak: old versions, no TLS at all, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.prove.attempt import Attempt, Family, Outcome, Sighting
from catflap.prove.attempts.identity import arms_of
from catflap.prove.strike import talk_plain, talk_tls
from catflap.prove.wire import http_request
from catflap.tls.hostile import HostileClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from catflap.prove.scene import Scene

__all__ = ("PROTOCOL",)

_NOISE = bytes(range(255, 191, -1))


def _speaking(name: str, version: str) -> Callable[[Scene], Awaitable[Sighting]]:
    """Return an act: a good client in all but the version it speaks."""

    async def act(scene: Scene) -> Sighting:
        client = HostileClient(arms_of(scene.friend, version))
        return await talk_tls(scene, client, http_request("GET", "/orders", name))

    return act


async def _plain(scene: Scene) -> Sighting:
    return await talk_plain(scene, http_request("GET", "/orders", "plain-http"))


async def _noise(scene: Scene) -> Sighting:
    return await talk_plain(scene, _NOISE)


PROTOCOL = (
    Attempt(
        "tls-1.1",
        Family.PROTOCOL,
        "TLS 1.1, good certificate",
        Outcome.REFUSED,
        "tls-protocol-version",
        _speaking("tls-1.1", "TLS1.1"),
    ),
    Attempt(
        "tls-1.2",
        Family.PROTOCOL,
        "TLS 1.2, good certificate",
        Outcome.REFUSED,
        "tls-protocol-version",
        _speaking("tls-1.2", "TLS1.2"),
    ),
    Attempt(
        "plain-http", Family.PROTOCOL, "plain HTTP, no TLS", Outcome.REFUSED, "not-tls", _plain
    ),
    Attempt("noise", Family.PROTOCOL, "noise", Outcome.REFUSED, "not-tls", _noise),
)
