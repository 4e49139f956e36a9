"""One run of the program: open, wait for the end or a signal, say with which status."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from catflap.bridge.side import Side
from catflap.dropin.bridging import SocatBridging
from catflap.dropin.dump import open_raw, raw_name
from catflap.dropin.failure_words import says_nobody_came
from catflap.dropin.lock import ENDING_SIGNALS
from catflap.dropin.log import Grade
from catflap.dropin.wording import Wording
from catflap.events.model import Closed
from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.passed_signals import is_passed, pass_on
from catflap.relay.poller import Poller
from catflap.relay.registry import Registry

if TYPE_CHECKING:
    from catflap.dropin.log import SocatLog
    from catflap.dropin.reading import Plan
    from catflap.dropin.settings import Settings
    from catflap.events.model import Event

__all__ = ("run",)

_RESERVED_DESCRIPTORS = 64
_DESCRIPTORS_A_SESSION = 2
_GRACE_SECONDS = 1.0
_GRADES = {
    signal.SIGTERM: Grade.WARNING,
    signal.SIGHUP: Grade.NOTICE,
    signal.SIGINT: Grade.NOTICE,
}
"""How much it matters that a signal ends us; of all others it is an error."""


def run(plan: Plan, settings: Settings, log: SocatLog) -> int:
    """Run a bridge to its end; return the exit status.

    Raises:
        UsageError: something is not built yet or contradicts itself.
        OperationError: the machine says no.
    """
    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        return runner.run(_Process(plan, settings, log).run())


def _capacity() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1_000_000
    return max(1, (soft - _RESERVED_DESCRIPTORS) // _DESCRIPTORS_A_SESSION)


class _Process:
    def __init__(self, plan: Plan, settings: Settings, log: SocatLog) -> None:
        self._plan = plan
        self._bridge = plan.bridge
        self._settings = settings
        self._log = log
        self._wording = Wording(plan.bridge)
        self._registry = Registry(_capacity())
        self._signal = 0
        self._stopping: asyncio.Future[None]
        self._bridging: SocatBridging | None = None

    async def run(self) -> int:
        loop = running_loop()
        self._stopping = loop.create_future()
        poller = Poller(loop)
        loop.set_exception_handler(self._unexpected)
        bridging = self._bridging = SocatBridging(
            self._plan,
            poller,
            self._registry,
            self._emit,
            self._settings,
            self._log,
            self._raw_files(),
        )
        self._catch_signals(loop, bridging)
        try:
            if not await self._opened(bridging):
                return self._signalled_status()
            return await self._serve(bridging)
        finally:
            bridging.close()
            poller.close()

    def _raw_files(self) -> tuple[int | None, int | None]:
        left, right = ("", "") if self._plan.forks else self._settings.raw
        program = self._log.settings.program
        names = [raw_name(each, program, os.environ) if each else "" for each in (left, right)]
        found = [open_raw(name) if name else None for name in names]
        return found[0], found[1]

    def _emit(self, event: Event) -> None:
        if isinstance(event, Closed) and self._bridging is not None:
            self._bridging.closed(event)
            return
        for grade, text in self._wording.lines(event):
            self._log.write(grade, text)

    async def _opened(self, bridging: SocatBridging) -> bool:
        """Open all listeners, however often that is tried; return whether no signal came first."""
        opening = asyncio.get_running_loop().create_task(bridging.open())
        await asyncio.wait({opening, self._stopping}, return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            opening.result()
            return True
        opening.cancel()
        await asyncio.wait({opening})
        return False

    async def _serve(self, bridging: SocatBridging) -> int:
        from catflap.sandbox.privileges import drop_privileges

        drop_privileges(self._bridge)
        if self._settings.main_wait:
            await asyncio.sleep(self._settings.main_wait)
        bridging.start()
        await self._wait(bridging)
        status = 0
        if self._signal:
            status = self._signalled_status()
        elif bridging.over.done():
            session = bridging.over.result()
            # Children end here, and how they do is part of the status.
            bridging.close()
            failed = session.failure or bridging.child_failed
            if session.failure and session.was_opened:
                self._log.write(Grade.ERROR, bridging.failure or session.failure)
            status = 1 if failed and not says_nobody_came(session.failure) else 0
            if bridging.hands_over and bridging.child_status:
                status = bridging.child_status
            told = "exit({})" if session.failure and status else "exiting with status {}"
            self._log.write(Grade.NOTICE, told.format(status))
        else:
            self._log.write(Grade.WARNING, "accept: Connection timed out")
            bridging.stop_accepting()
            await self._finish_sessions()
        bridging.stop_accepting()
        self._registry.end_all()
        await self._registry.wait_empty(_GRACE_SECONDS)
        if self._settings.statistics:
            bridging.tell_statistics()
        return status

    async def _finish_sessions(self) -> None:
        """Wait for the sessions that live, as for the C program's children."""
        while len(self._registry) and not self._signal:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._stopping), 0.2)

    async def _wait(self, bridging: SocatBridging) -> None:
        """Wait for a signal, for the end of the only session, or for a silence of newcomers."""
        watched: list[asyncio.Future[Any]] = [self._stopping, bridging.over]
        patience = self._accept_timeout() or None
        while True:
            served = self._registry.served
            done, _ = await asyncio.wait(
                watched, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            busy = bridging.single and len(self._registry)
            if done or (served == self._registry.served and not busy):
                return

    def _accept_timeout(self) -> float:
        first = self._bridge.first
        if isinstance(first, Side) and first.listens:
            return first.seconds("accept-timeout").value
        return 0.0

    def _unexpected(self, _: object, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._log.write(Grade.ERROR, f"a defect of catflap: {context.get('message')}: {error!r}")

    def _catch_signals(self, loop: asyncio.AbstractEventLoop, bridging: SocatBridging) -> None:
        for number in self._settings.signals:
            # A shell has what it starts with & ignore SIGINT and SIGQUIT; the C program does not.
            ignored = signal.getsignal(number) is signal.SIG_IGN
            if number != signal.SIGHUP or not ignored or is_passed(number):
                loop.add_signal_handler(number, self._signalled, number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)
        loop.add_signal_handler(signal.SIGUSR1, partial(self._statistics, bridging))

    def _statistics(self, bridging: SocatBridging) -> None:
        self._log.write(Grade.NOTICE, f"socat_signal_logstats(): handling signal {signal.SIGUSR1}")
        bridging.tell_statistics()
        self._log.write(Grade.NOTICE, f"socat_signal_logstats(): finishing signal {signal.SIGUSR1}")

    def _signalled(self, number: signal.Signals) -> None:
        if self._signal or pass_on(number):
            return
        self._signal = number
        if self._bridging is not None:
            self._bridging.is_signalled = True
        self._log.write(Grade.NOTICE, f"socat_signal(): handling signal {int(number)}")
        self._log.write(_GRADES.get(number, Grade.ERROR), f"exiting on signal {int(number)}")
        self._log.write(Grade.NOTICE, f"socat_signal(): finishing signal {int(number)}")
        if not self._stopping.done():
            self._stopping.set_result(None)

    def _signalled_status(self) -> int:
        status = 128 + self._signal
        self._log.write(Grade.NOTICE, f"exit({status})")
        return status
