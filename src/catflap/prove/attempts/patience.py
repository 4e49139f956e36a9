"""How long will you keep me: clients that say nothing, or almost nothing."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from catflap.prove.attempt import Attempt, Family, Outcome, Sighting
from catflap.prove.attempts.identity import arms_of
from catflap.prove.strike import hold, talk_plain, talk_tls
from catflap.prove.wire import connect, http_request
from catflap.tls.hostile import HostileClient

if TYPE_CHECKING:
    from catflap.prove.scene import Scene

__all__ = ("PATIENCE",)

_RULE = "handshake-timeout"
_PAUSE = 0.05
_CROWD = 50


async def _silent(scene: Scene) -> Sighting:
    return await talk_plain(scene, b"")


async def _slow(scene: Scene) -> Sighting:
    """Send a perfect hello one byte at a time: each byte alone would reset a naive limit."""
    hello = HostileClient(arms_of(scene.friend)).step()
    async with connect(scene.target, scene.source) as wire:
        return await hold(wire, hello, _PAUSE)


async def _among_a_crowd(scene: Scene) -> Sighting:
    """A good request while many silent clients hold their connections."""
    async with AsyncExitStack() as crowd:
        for _ in range(_CROWD):
            await crowd.enter_async_context(connect(scene.target, scene.source))
        client = HostileClient(arms_of(scene.friend))
        return await talk_tls(scene, client, http_request("GET", "/", "among-a-crowd"))


PATIENCE = (
    Attempt("silent", Family.PATIENCE, "says nothing", Outcome.DROPPED, _RULE, _silent),
    Attempt("slow", Family.PATIENCE, "a byte every 50 ms", Outcome.DROPPED, _RULE, _slow),
    Attempt(
        "among-a-crowd",
        Family.PATIENCE,
        f"GET / while {_CROWD} say nothing",
        Outcome.SERVED,
        "client-certificate",
        _among_a_crowd,
    ),
)
