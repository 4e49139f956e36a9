"""Where do you come from: the right certificate in the wrong place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.prove.attempt import Attempt, Family, Outcome, Sighting
from catflap.prove.attempts.identity import arms_of
from catflap.prove.strike import talk_tls
from catflap.prove.wire import http_request
from catflap.tls.hostile import HostileClient

if TYPE_CHECKING:
    from catflap.prove.scene import Scene

__all__ = ("SOURCE",)


async def _elsewhere(scene: Scene) -> Sighting:
    client = HostileClient(arms_of(scene.friend))
    request = http_request("GET", "/orders", "outside-range")
    return await talk_tls(scene, client, request, source=scene.stranger)


SOURCE = (
    Attempt(
        "outside-range",
        Family.SOURCE,
        "source not on the allowlist",
        Outcome.DENIED,
        "range",
        _elsewhere,
    ),
)
