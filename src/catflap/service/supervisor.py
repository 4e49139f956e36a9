"""The parent of the workers: it opens, forks, tells, and carries no traffic itself.

Its loop stands still while it forks, and so does its log's thread: a process is forked from one
that has a single thread, in which nothing runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from catflap.core import clock
from catflap.core.errors import CatflapError, ExitStatus, OperationError, UsageError
from catflap.events.model import (
    Draining,
    Level,
    Notice,
    Reloaded,
    ReloadFailed,
    Stopped,
    WorkerEnded,
    WorkerStarted,
    stamp,
)
from catflap.relay.handed_in import check_all_taken, forget_handed_in
from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.poller import Poller
from catflap.relay.registry import Registry
from catflap.relay.renewing import FILES_CHANGED
from catflap.relay.shared_sources import make_counters
from catflap.service.crew import Member, bear, how_it_ended
from catflap.service.failures import Failures
from catflap.service.front import Front
from catflap.service.greeting import greet, tell_verdict
from catflap.service.logging import EventLog, SharedSink, open_sink
from catflap.service.metering import Metering
from catflap.service.process import GRACE_SECONDS, unexpected
from catflap.service.reloading import Reader
from catflap.service.serving import Serving
from catflap.service.signals import Signals
from catflap.service.supervised import Supervised
from catflap.service.worker import Birth, shares_out, work
from catflap.service.writers import tell_writers
from catflap.sinks.stream import LineLock

if TYPE_CHECKING:
    import socket
    from collections.abc import Coroutine, Iterable

    from catflap.bridge.model import Bridge
    from catflap.events.model import Event
    from catflap.service.options import ServiceOptions
    from catflap.service.source import Approved, ConfigurationSource

__all__ = ("Supervisor", "supervise")

_FIRST_WORD_SECONDS = 30.0
_PING_SECONDS = 5.0
_SILENT_SECONDS = 30.0
_LAST_WORDS_SECONDS = 1.0


def supervise(source: ConfigurationSource, approved: Approved, options: ServiceOptions) -> int:
    """Run the bridges in several processes; return the exit status.

    Raises:
        UsageError: a bridge cannot be shared out.
        OperationError: the machine says no.
    """
    _check_shareable(approved.bridges)
    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        supervisor = Supervisor(source, approved, options)
        try:
            runner.run(supervisor.open())
            while (member := runner.run(supervisor.next_birth())) is not None:
                supervisor.bear(member)
            return runner.run(supervisor.end())
        finally:
            runner.run(supervisor.close())


def _check_shareable(bridges: tuple[Bridge, ...]) -> None:
    for bridge in bridges:
        reason = bridge.single_session_reason
        if reason:
            message = f"[bridge.{bridge.name}] serves one session: {reason}; several processes"
            raise UsageError(f"{message} cannot share that", hint="--workers 1")
        if any(side.last("accept-timeout") is not None for side in bridge.sides):
            message = f"accept-timeout in [bridge.{bridge.name}] holds for one process"
            raise UsageError(message, hint="--workers 1, or leave it out")


class Supervisor:
    """See the module.

    Args:
        source: the file.
        approved: what was read of it.
        options: how the service behaves.
    """

    def __init__(
        self, source: ConfigurationSource, approved: Approved, options: ServiceOptions
    ) -> None:
        """Prepare; nothing is opened before :meth:`open`."""
        self.source = source
        self.options = options
        self.crew = [Member(number) for number in range(1, options.workers + 1)]
        self.registry = Registry(1)
        self.served = 0
        self._approved = approved
        self._births: asyncio.Queue[Member | None]
        self.failures = Failures(self._state_of_files)
        self._kept: list[Event] = []
        self._ending = False
        self._changed: asyncio.Condition
        self._doing: set[asyncio.Task[None]] = set()
        self._log: EventLog | None = None
        self.serving: Serving
        self.signals: Signals
        self.front: Front
        self.supervised: Supervised
        self.metering: Metering | None = None

    def emit(self, event: Event) -> None:
        """Count and log an event of the parent's own.

        That files were read again is told when every worker has done so too; that they cannot be
        used, by whichever process finds out first.
        """
        if type(event) is ReloadFailed and event.bridge:
            bridging = self.serving.by_name.get(event.bridge)
            self._told_failure(event, bridging.renewing.failed_mark if bridging else "")
            return
        if type(event) is Reloaded and event.bridge and event.reason == FILES_CHANGED:
            self._keep(self._renewed(event))
            return
        self._record(event)

    async def _renewed(self, event: Reloaded) -> None:
        await self.supervised.renew_all(event.reason, (event.bridge,))
        self._record(event)

    def _record(self, event: Event) -> None:
        if self.metering is not None:
            self.metering.observe(event)
        if self._log is not None:
            self._log.emit(event)
        else:
            # A worker is being born, and the log has no thread; its events wait.
            self._kept.append(event)

    def _log_is_full(self) -> bool:
        return self._log is not None and self._log.is_full()

    async def open(self) -> None:
        """Open every listener and socket, then drop privileges.

        Raises:
            CatflapError: that cannot be; a log that is for machines tells it too.
        """
        try:
            await self._open()
        except CatflapError as error:
            if not self.options.log.is_for_people:
                # Whoever reads that log alone shall learn why nothing followed.
                self._record(Stopped(time=stamp(), served=0, reason=error.message))
            raise

    async def _open(self) -> None:
        from catflap.sandbox.privileges import drop_privileges, privileges_of

        loop = running_loop()
        options, approved = self.options, self._approved
        self._births = asyncio.Queue()
        self._changed = asyncio.Condition()
        self._sink = SharedSink(open_sink(options.log, LineLock()))
        self._log = EventLog(options.log, Level.INFO, self._sink)
        self.counters = make_counters(options.workers)
        if options.metrics:
            self.metering = Metering(options.metrics, options.workers, self._running, self._why_not)
            self.metering.record(self.registry)
            self.metering.workers = lambda: sum(each.ready for each in self.crew)
        self._poller = Poller(loop)
        self.serving = Serving(
            self._poller,
            self.registry,
            self.emit,
            self._log_is_full,
            over=lambda *_: None,
            drain=options.drain,
            counters=self.counters,
            holds=True,
        )
        loop.set_exception_handler(partial(unexpected, self.emit))
        self.supervised = Supervised(self, Reader(self.source, approved, self.emit))
        self.signals = Signals(loop, self._hurry, lambda: self.supervised.begin("SIGHUP"))
        self.serving.build(approved.bridges)
        self.front = Front(options, self.supervised, self.metering)
        greet(self.emit)
        for bridge, verdict in zip(approved.bridges, approved.verdicts, strict=True):
            tell_verdict(self.emit, bridge, verdict)
        tell_writers(self.emit, approved)
        self.signals.catch()
        self.signals.stopping.add_done_callback(lambda _: self._births.put_nowait(None))
        self.front.open(self.emit)
        await self.serving.open()
        self.tell_unshared(bridge.name for bridge in approved.bridges)
        check_all_taken()
        asking = next((each for each in approved.bridges if privileges_of(each) is not None), None)
        if asking is not None:
            drop_privileges(asking)
        for member in self.crew:
            self._births.put_nowait(member)

    def tell_unshared(self, names: Iterable[str]) -> None:
        """Tell which bridges one worker serves alone."""
        for name in names:
            bridging = self.serving.by_name[name]
            if self.options.workers > 1 and not shares_out(bridging.bridge):
                bridging.notice(
                    "it takes packets, and those of one peer must come to one process: "
                    "worker 1 alone serves it"
                )

    def _running(self) -> list[Bridge]:
        return (
            list(self.supervised.approved.bridges)
            if hasattr(self, "supervised")
            else list(self._approved.bridges)
        )

    def _why_not(self) -> str:
        if self.front.state != "serving":
            return self.front.state
        return "" if any(each.ready for each in self.crew) else "no worker is ready"

    async def next_birth(self) -> Member | None:
        """Serve as a parent until a worker is to be born; ``None`` when the service ends."""
        for member in self.crew:
            if member.line is not None and not member.tasks:
                self._attend(member)
        born = await self._births.get()
        if born is not None:
            # Born in the middle of a change it would live by what held before. No change begins
            # until it is born either: the loop makes one more turn before it stands still.
            await self.supervised.hold_changes()
        if born is not None and self._log is not None:
            # Its thread must not be there while we fork. What comes meanwhile, comes from us.
            log, self._log = self._log, None
            log.close()
        return born

    def bear(self, member: Member) -> None:
        """Fork a worker; in the new process this never returns."""
        bear(member, partial(self._hear, member), partial(self._be, member))
        self.supervised.allow_changes()
        self._log = log = EventLog(self.options.log, Level.INFO, self._sink)
        kept, self._kept = self._kept, []
        for event in kept:
            log.emit(event)

    def _be(self, member: Member, line: socket.socket, sockets: socket.socket) -> int:
        """Be a worker: let go of everything that is the parent's, and serve."""
        self.front.disown()
        for other in self.crew:
            if other is not member:
                other.disown()
        with contextlib.suppress(OSError):
            self._poller.loop.direct.epoll.close()
        forget_handed_in()
        meter = self.metering.in_worker if self.metering is not None else None
        return work(
            Birth(
                member.number,
                self.supervised.approved.bridges,
                self.serving.by_name,
                self.options,
                self._sink,
                self.counters.at(member.number),
                meter,
                self.source,
                line,
                sockets,
            )
        )

    def _attend(self, member: Member) -> None:
        """Listen to a worker that was just born, and wait for its death."""
        loop = running_loop()
        assert member.line is not None  # noqa: S101 - bear() made it
        member.tasks.append(loop.create_task(member.line.run()))
        member.tasks.append(loop.create_task(self._look_after(member, member.pid)))
        loop.add_reader(member.handle, self._died, member)

    async def _hear(self, member: Member, told: dict[str, Any]) -> dict[str, Any]:
        """Hear what a worker says by itself."""
        if told["do"] == "ready":
            member.ready = True
            await self._tell_changed()
            started = WorkerStarted(time=stamp(), worker=member.number, pid=member.pid)
            self.emit(started)
            if all(each.ready for each in self.crew) and self.front.state == "starting":
                self.serving.start()
                self.supervised.watch()
                await self.front.start(self._poller.call_later)
        elif told["do"] == "failed":
            del told["do"]
            state = told.pop("state")
            self._told_failure(ReloadFailed(time=stamp(), **told), state)
        return {}

    def _told_failure(self, event: ReloadFailed, state: str) -> None:
        """Tell once what every process finds out for itself: a file that cannot be used."""
        bridging = self.serving.by_name.get(event.bridge)
        if bridging is not None and bridging.renewing.has_heard(event.reason, state):
            return
        if self.failures.is_news(event.bridge, event.reason, state):
            self._record(event)

    def has_told(self, told: str) -> bool:
        """Return whether a bridge has told what this is about, of its files as they are now."""
        return self.serving.has_told(told) or self.failures.has_told(told)

    def _state_of_files(self, bridge: str) -> str:
        bridging = self.serving.by_name.get(bridge)
        return bridging.renewing.mark_now() if bridging is not None else ""

    async def _look_after(self, member: Member, pid: int) -> None:
        """Kill a worker that answers no more: its sockets would take newcomers in for nothing."""
        while True:
            await asyncio.sleep(_PING_SECONDS)
            if not member.ready and clock.monotonic() - member.began < _FIRST_WORD_SECONDS:
                continue
            try:
                if member.line is not None and member.ready:
                    found = await member.line.ask("status", _SILENT_SECONDS)
                    self.supervised.note(member, found)
                    continue
            except OperationError:
                return
            except TimeoutError:
                pass
            message = f"worker {member.number} does not answer and is ended"
            self.emit(Notice(time=stamp(), message=message))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return

    def _died(self, member: Member) -> None:
        """Hear that a worker is dead."""
        running_loop().remove_reader(member.handle)
        self._keep(self._mourn(member))

    def _keep(self, doing: Coroutine[Any, Any, None]) -> None:
        """Let something be done, and keep it until then."""
        task = running_loop().create_task(doing)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _mourn(self, member: Member) -> None:
        """Hear a dead worker's last words, clear up, and let another one be born."""
        _, status = os.waitpid(member.pid, os.WNOHANG)  # noqa: ASYNC222 - it is dead
        pid, was_ready = member.pid, member.ready
        if member.tasks:
            # What it said before it died is still to be read.
            await asyncio.wait(member.tasks[:1], timeout=_LAST_WORDS_SECONDS)
        member.bury()
        self.counters.clear(member.number)
        if self.metering is not None:
            self.metering.clear(member.number)
        self.supervised.forget(member)
        await self._tell_changed()
        if self._ending:
            return
        how = how_it_ended(status)
        self.emit(WorkerEnded(time=stamp(), worker=member.number, pid=pid, reason=how))
        if not was_ready and self.front.state == "starting":
            self.signals.stop()
            return
        running_loop().call_later(member.next_pause(), self._births.put_nowait, member)

    def _hurry(self) -> None:
        for member in self.crew:
            if member.line is not None:
                member.line.tell("hurry")

    async def end(self) -> int:
        """Let every worker drain, and wait until all are gone."""
        self._ending = True
        failed = self.front.state == "starting" and not self.signals.number
        self.supervised.stop()
        self.front.drains()
        self.serving.stop_accepting()
        await self.supervised.stop_accepting()
        live = sum(each["sessions"] for each in await self.supervised.each_status())
        seconds = self.options.drain
        if live:
            self.emit(Draining(time=stamp(), sessions=live, seconds=seconds))
        answers = await asyncio.gather(*(self._drained(member) for member in self.crew))
        await self._bury()
        number = self.signals.number
        reason = signal.Signals(number).name if number else "no worker could begin"
        self.emit(Stopped(time=stamp(), served=self.supervised.served(), reason=reason))
        if failed:
            return ExitStatus.FAILURE
        drained = all(answers) and not self.signals.again
        return ExitStatus.OK if drained else 128 + number

    async def _drained(self, member: Member) -> bool:
        if member.line is None:
            return True
        seconds = self.options.drain
        try:
            longest = seconds + 2 * GRACE_SECONDS + 1.0
            found = await member.line.ask("drain", longest, within=seconds)
        except (OperationError, TimeoutError):
            return False
        self.supervised.note(member, {**found, "sessions": 0, "bridges": {}})
        return bool(found["drained"])

    async def _bury(self) -> None:
        """Wait for the last worker; one that does not end is ended."""
        if not await self._alone(GRACE_SECONDS):
            self._kill()
            await self._alone(GRACE_SECONDS)

    async def _alone(self, seconds: float) -> bool:
        """Wait until no worker lives; return whether that came in time."""
        try:
            async with asyncio.timeout(seconds):
                async with self._changed:
                    await self._changed.wait_for(lambda: not any(each.pid for each in self.crew))
        except TimeoutError:
            return False
        return True

    async def settled(self) -> None:
        """Wait until no worker is on its way: each serves, or is gone."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: all(each.ready or not each.pid for each in self.crew)
            )

    def _kill(self) -> None:
        for member in self.crew:
            if member.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member.pid, signal.SIGKILL)

    async def _tell_changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def close(self) -> None:
        """Release everything."""
        self._kill()
        if hasattr(self, "front"):
            self.front.close()
        if hasattr(self, "serving"):
            self.serving.close()
            self._poller.close()
        if self._log is not None:
            self._log.close()
