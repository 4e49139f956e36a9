"""The demo: secure an API, use it, attack it, and show what the network saw."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import msgspec

from catflap import __version__
from catflap.core import clock
from catflap.prove.attempt import Outcome
from catflap.prove.attempts import AFTERWARDS, ATTACKS, FRIENDS
from catflap.prove.attempts.friends import SHOWN
from catflap.prove.attempts.identity import VALID_TICKET
from catflap.prove.children import attempt_of
from catflap.prove.engine import Engine
from catflap.prove.evidence import Evidence  # noqa: TC001 - msgspec reads it at run time
from catflap.prove.exchange import Exchange, compare
from catflap.prove.stage import Stage, set_up

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from catflap.prove.tap import Flow

__all__ = ("ATTEMPTS", "Audience", "Demo", "run_demo")

ATTEMPTS = (*FRIENDS, *ATTACKS, *AFTERWARDS)
"""Every attempt, in the order of the report."""

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FORMAT = 1
_PASSES = frozenset(each.name for each in ATTEMPTS if each.expected is Outcome.SERVED)
"""The attempts whose requests the API may see."""


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report; ``--json`` prints just this.

    Args:
        format: version of this object's shape; it changes when a field changes its meaning.
        catflap: version of the program.
        ok: whether everything went as expected.
        server: the words of the server bridge.
        client: the words of the client bridge.
        strangers: attempts whose request reached the API though it should not have.
        requests: how many requests the API saw.
    """

    format: int
    catflap: str
    ok: bool
    seconds: float
    server: tuple[str, ...]
    client: tuple[str, ...]
    attempts: tuple[Evidence, ...]
    exchange: Exchange
    requests: int
    strangers: tuple[str, ...]


class Audience:
    """Who is told how it goes; this one does not listen."""

    def staged(self, server: tuple[str, ...], client: tuple[str, ...]) -> None:
        """Hear which bridges run, by their words after ``catflap run``."""

    def told(self, evidence: Evidence) -> None:
        """Hear what became of one attempt."""


def run_demo(audience: Audience) -> Demo | int:
    """Run the demo; return its report, or 128+n when the signal n ended it.

    Raises:
        OperationError: a part of it did not come up.
    """
    return asyncio.run(_until_signalled(lambda: _perform(audience)))


async def _until_signalled(perform: Callable[[], Coroutine[object, object, Demo]]) -> Demo | int:
    """Perform, and on the first signal take everything down; later ones change nothing.

    What is taken down ends within seconds, and a second Ctrl-C must not leave half of it behind.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(perform())
    caught: list[int] = []

    def end(number: int) -> None:
        if not caught:
            caught.append(number)
            task.cancel()

    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not caught:
            raise
        return 128 + caught[0]


async def _perform(audience: Audience) -> Demo:
    started = clock.monotonic()
    async with set_up() as stage:
        audience.staged(stage.server.words, stage.client.words)
        engine = Engine(stage.scene, stage.witnesses, audience.told)
        evidence = []
        shown: Flow | None = None
        for attempt in FRIENDS:
            evidence += await engine.one_by_one([attempt])
            shown = _latest(stage) if attempt.name == SHOWN else shown
        evidence += await engine.at_once(ATTACKS)
        evidence += await engine.one_by_one(AFTERWARDS)
        exchange = compare(shown, await stage.api.saw(SHOWN), stage.scene.word)
        await stage.api.saw(AFTERWARDS[-1].name)
        return _report(stage, tuple(evidence), exchange, clock.monotonic() - started)


def _latest(stage: Stage) -> Flow | None:
    flows = stage.scene.tap.flows
    return flows[-1] if flows else None


def _report(
    stage: Stage, evidence: tuple[Evidence, ...], exchange: Exchange, seconds: float
) -> Demo:
    came_by = [attempt_of(request) for request in stage.api.requests]
    strangers = tuple(sorted(set(came_by) - _PASSES - {VALID_TICKET}))
    return Demo(
        format=_FORMAT,
        catflap=__version__,
        ok=all(row.as_expected for row in evidence) and exchange.holds and not strangers,
        seconds=round(seconds, 3),
        server=stage.server.words,
        client=stage.client.words,
        attempts=evidence,
        exchange=exchange,
        requests=len(came_by),
        strangers=strangers,
    )
