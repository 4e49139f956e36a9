"""Good requests, as the users of the bridge send them: plain HTTP to the client bridge."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from catflap.prove.attempt import Attempt, Ended, Family, Outcome, Sighting
from catflap.prove.strike import LIMIT
from catflap.prove.wire import connect, http_request, is_answer, read_answer

if TYPE_CHECKING:
    from catflap.prove.scene import Scene

__all__ = ("AFTERWARDS", "FRIENDS", "KEPT_REQUESTS", "SHOWN")

SHOWN = "post"
"""The attempt whose request is shown twice."""

KEPT_REQUESTS = 20
_RULE = "client-certificate"


async def _exchange(scene: Scene, *requests: bytes) -> Sighting:
    """Send requests one after the other on one connection through both bridges."""
    try:
        async with asyncio.timeout(LIMIT), connect(scene.entrance) as wire:
            for request in requests:
                await wire.write(request)
                if not is_answer(await read_answer(wire.reader)):
                    return Sighting(scene.tap.last_source, Ended.CLOSED, note="not a good answer")
    except (ConnectionError, EOFError):
        return Sighting(scene.tap.last_source, Ended.CLOSED)
    except TimeoutError:
        return Sighting(scene.tap.last_source, Ended.OPEN)
    # The tap's own port is what the server bridge sees; friends come one at a time.
    return Sighting(scene.tap.last_source, Ended.ANSWERED)


async def _get(scene: Scene) -> Sighting:
    return await _exchange(scene, http_request("GET", "/", "get"))


async def _post(scene: Scene) -> Sighting:
    body = json.dumps({"item": "tuna", "word": scene.word}).encode()
    return await _exchange(scene, http_request("POST", "/orders", SHOWN, body))


async def _many(scene: Scene) -> Sighting:
    request = http_request("GET", "/orders", "kept-connection")
    return await _exchange(scene, *[request] * KEPT_REQUESTS)


async def _afterwards(scene: Scene) -> Sighting:
    return await _exchange(scene, http_request("GET", "/orders", "afterwards"))


FRIENDS = (
    Attempt(SHOWN, Family.FRIEND, "POST /orders", Outcome.SERVED, _RULE, _post),
    Attempt("get", Family.FRIEND, "GET /", Outcome.SERVED, _RULE, _get),
    Attempt(
        "kept-connection",
        Family.FRIEND,
        f"{KEPT_REQUESTS} requests, one connection",
        Outcome.SERVED,
        _RULE,
        _many,
    ),
)

AFTERWARDS = (
    Attempt(
        "afterwards",
        Family.AFTERWARDS,
        "GET /orders, once more",
        Outcome.SERVED,
        _RULE,
        _afterwards,
    ),
)
"""What must still work when the attacks are over."""
