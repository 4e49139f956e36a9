"""From bridges to a running process and back to an exit status."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from catflap.bridge.places import add_place
from catflap.bridge.side import Side
from catflap.core.errors import CatflapError, ExitStatus
from catflap.events.model import (
    Draining,
    Level,
    Notice,
    SessionFailed,
    Stopped,
    stamp,
)
from catflap.relay.handed_in import check_all_taken, receive_handed_in
from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.poller import Poller
from catflap.relay.registry import Registry
from catflap.service.answers import Answers
from catflap.service.front import Front
from catflap.service.gate import judge
from catflap.service.greeting import greet, tell_verdict
from catflap.service.logging import EventLog
from catflap.service.metering import Metering
from catflap.service.payload import PayloadTap
from catflap.service.process import GRACE_SECONDS, capacity, prepare_process, unexpected
from catflap.service.reloading import Reader, Reloads
from catflap.service.serving import Serving
from catflap.service.signals import Signals, keep_reloads
from catflap.service.standard import occupy_standard_descriptors
from catflap.service.writers import tell_writers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catflap.bridge.model import Bridge
    from catflap.events.model import Event
    from catflap.relay.bridging import Bridging
    from catflap.relay.session import Session
    from catflap.service.gate import Verdict
    from catflap.service.options import ServiceOptions
    from catflap.service.source import Approved, ConfigurationSource

__all__ = ("Service", "run_bridge")


def run_bridge(bridge: Bridge, options: ServiceOptions) -> int:
    """Run a bridge until it is over or a signal ends it; return the exit status.

    Raises:
        RefusedError: the gate refuses.
        UsageError: something is not built yet or contradicts itself.
        OperationError: the machine says no.
    """
    from catflap.sandbox.privileges import check_privileges

    keep_reloads()
    receive_handed_in()
    check_privileges(bridge)
    occupy_standard_descriptors()
    verdict = judge(bridge)
    prepare_process()
    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        return runner.run(Service((bridge,), options, (verdict,)).run())


class Service:
    """One process that serves one bridge or several.

    Args:
        bridges: what runs.
        options: how.
        verdicts: what the gate said of each.
        source: the file they come from, which is read again when it changes.
        approved: what was read of it at the start.
    """

    def __init__(
        self,
        bridges: Sequence[Bridge],
        options: ServiceOptions,
        verdicts: Sequence[Verdict],
        source: ConfigurationSource | None = None,
        approved: Approved | None = None,
    ) -> None:
        """Prepare; nothing is opened before :meth:`run`."""
        self.bridges = tuple(bridges)
        self.options = options
        self._verdicts = verdicts
        self._source = source
        self._approved = approved
        self.registry = Registry(capacity())
        self.metering: Metering | None = None
        self.emit: Callable[[Event], None]
        self._over: asyncio.Future[Session]
        self.signals: Signals
        self.serving: Serving = None  # type: ignore[assignment] # made when the loop runs
        self.reloads: Reloads
        self.front: Front
        self.log: EventLog

    async def run(self) -> int:
        """Open, serve, drain; return the exit status.

        Raises:
            UsageError: something is not built yet or contradicts itself.
            OperationError: the machine says no.
        """
        loop = running_loop()
        self._over = loop.create_future()
        listens = any(side.serves_streams for each in self.bridges for side in each.sides)
        lasts = not all(each.single_session_reason for each in self.bridges)
        hang_up = self._hang_up if lasts or self._source is not None else None
        self.signals = Signals(loop, self.registry.end_all, hang_up)
        self.log = log = EventLog(self.options.log, Level.INFO if listens else Level.WARNING)
        try:
            self.emit = log.emit
            if self.options.metrics:
                self.metering = Metering(self.options.metrics, 0, self._running, self._why_not)
                self.metering.record(self.registry)
                self.emit = self.metering.counting(log.emit)
            poller = Poller(loop)
            self.serving = Serving(
                poller,
                self.registry,
                self.emit,
                log.is_full,
                over=self._single_over,
                drain=self.options.drain,
                taps=_taps(self.options),
            )
            reader = None
            if self._source is not None and self._approved is not None:
                reader = Reader(self._source, self._approved, self.emit)
            self.reloads = Reloads(self.serving, self.emit, reader)
            self._build()
            answers = Answers(self.serving, self.registry, self.reloads)
            self.front = Front(self.options, answers, self.metering)
            self.reloads.began = self.front.notifier.reloading
            self.reloads.ended = self.front.notifier.ready
            self._greet()
            loop.set_exception_handler(partial(unexpected, self.emit))
            self.signals.catch()
            try:
                self.front.open(self.emit)
                if await self._opened():
                    return await self._serve()
                return 128 + self.signals.number
            except CatflapError as error:
                if not self.options.log.is_for_people:
                    # Whoever reads that log alone shall learn why nothing followed.
                    self.emit(Stopped(time=stamp(), served=0, reason=error.message))
                raise
            finally:
                self.front.close()
                self.serving.close()
                poller.close()
        finally:
            log.close()

    def _build(self) -> None:
        try:
            self.serving.build(self.bridges)
        except CatflapError as error:
            add_place(error, (side for bridge in self.bridges for side in bridge.sides))
            raise

    def _running(self) -> list[Bridge]:
        """Return the bridges that run now, or are about to."""
        running = [bridging.bridge for bridging in self.serving] if self.serving else []
        return running or list(self.bridges)

    def _why_not(self) -> str:
        """Return why no new session is taken; nothing while they are."""
        if self.front.state != "serving":
            return self.front.state
        return "events cannot be written" if self.log.is_full() else ""

    def _hang_up(self) -> None:
        self.reloads.begin("SIGHUP")

    def _greet(self) -> None:
        greet(self.emit, self.bridges[0].name if len(self.bridges) == 1 else "")
        for bridge, verdict in zip(self.bridges, self._verdicts, strict=True):
            tell_verdict(self.emit, bridge, verdict)
        if self._approved is not None:
            tell_writers(self.emit, self._approved)

    async def _opened(self) -> bool:
        """Open all listeners, however often that is tried; return whether no signal came first."""
        opening = asyncio.get_running_loop().create_task(self.serving.open())
        stopping = self.signals.stopping
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            opening.result()
            return True
        opening.cancel()
        await asyncio.wait({opening})
        return False

    async def _serve(self) -> int:
        from catflap.sandbox.privileges import drop_privileges, privileges_of

        # All that ask for it agree, so once is enough.
        asking = next((each for each in self.bridges if privileges_of(each) is not None), None)
        if asking is not None:
            drop_privileges(asking)
        check_all_taken()
        self.serving.start()
        self.reloads.watch()
        await self.front.start(self.serving.poller.call_later)
        await self._wait()
        if self._over.done():
            return self._told_over(self._over.result())
        return await self._end()

    async def _wait(self) -> None:
        """Wait for a signal, for the end of the last bridge, or for a silence of newcomers."""
        stopping = self.signals.stopping
        patience = self._accept_timeout() or None
        while True:
            served = self.registry.served
            watched: set[asyncio.Future[Any]] = {stopping, self._over}
            done, _ = await asyncio.wait(
                watched, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            busy = any(each.single for each in self.serving) and len(self.registry)
            if done or (served == self.registry.served and not busy):
                return

    def _accept_timeout(self) -> float:
        """Return the limit on a silence, which is that of the only bridge."""
        first = self.bridges[0].first
        if len(self.bridges) == 1 and isinstance(first, Side) and first.serves_streams:
            return first.seconds("accept-timeout").value
        return 0.0

    def _single_over(self, bridging: Bridging, over: asyncio.Future[Session]) -> None:
        """Hear that a bridge for one session is over; the last one ends the service."""
        if over.cancelled():
            return
        session = over.result()
        if session.failure and session.was_opened:
            self.emit(
                SessionFailed(
                    time=stamp(), bridge=bridging.name, session=session.id, reason=session.failure
                )
            )
        if all(each.single and each.over.done() for each in self.serving):
            if not self._over.done():
                self._over.set_result(session)
            return
        message = "its only session is over; the other bridges go on"
        self.emit(Notice(time=stamp(), bridge=bridging.name, message=message))

    def _told_over(self, session: Session) -> int:
        reason = "the session is over"
        self.emit(Stopped(time=stamp(), served=self.registry.served, reason=reason))
        return ExitStatus.FAILURE if session.failure else ExitStatus.OK

    async def _end(self) -> int:
        """Stop accepting, let sessions finish for a while, then end what is left."""
        self.reloads.stop()
        self.front.drains()
        self.serving.stop_accepting()
        registry, number = self.registry, self.signals.number
        live = len(registry)
        drained = live == 0
        if live and self.serving.serves:
            self.emit(Draining(time=stamp(), sessions=live, seconds=self.options.drain))
            drained = await registry.wait_empty(self.options.drain) and not self.signals.again
        if not drained:
            registry.end_all()
            await registry.wait_empty(GRACE_SECONDS)
        name = signal.Signals(number).name if number else "accept-timeout"
        self.emit(Stopped(time=stamp(), served=registry.served, reason=name))
        if not number:
            return ExitStatus.FAILURE if not registry.served else ExitStatus.OK
        return ExitStatus.OK if drained and self.serving.serves else 128 + number


def _taps(
    options: ServiceOptions,
) -> tuple[Callable[[bytes], None] | None, Callable[[bytes], None] | None]:
    """Return what sees the payload of both directions, where somebody asked for that."""
    if not options.payload:
        return None, None
    tap = PayloadTap(options.payload)
    return tap.forward, tap.backward
