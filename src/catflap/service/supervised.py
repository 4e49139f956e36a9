"""What a parent tells and does for all of its workers: the answers, and the reload."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import TYPE_CHECKING, Any

from catflap import __version__
from catflap.core import clock
from catflap.core.errors import CatflapError, OperationError
from catflap.relay.renewing import FILES_CHANGED
from catflap.service.answers import no_such_session, status_line
from catflap.service.conversation import GoneError
from catflap.service.protocol import MOST_SESSIONS
from catflap.service.reloading import ConfigurationWatch, Outcome, tell_failure, why_not

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.service.crew import Member
    from catflap.service.exchange import Changes, Exchange
    from catflap.service.protocol import Question
    from catflap.service.reloading import Reader
    from catflap.service.source import Approved
    from catflap.service.supervisor import Supervisor

__all__ = ("Supervised",)

_ANSWER_SECONDS = 5.0
_PREPARE_SECONDS = 60.0
_STOP_SECONDS = 1.0
_TRIES = 10
"""How often a file is read for one reload, when it changes each time before all have read it."""


class Supervised:
    """Answers for all workers, and changes all of them together.

    Args:
        supervisor: has the workers.
        reader: of the configuration.
    """

    def __init__(self, supervisor: Supervisor, reader: Reader) -> None:
        """Wait to be asked."""
        self._supervisor = supervisor
        self._reader = reader
        self._busy = asyncio.Lock()
        self._watch: ConfigurationWatch | None = None
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._known: dict[int, dict[str, Any]] = {}
        self._served_before = 0
        self._running = True
        self._began = clock.now()
        self.state = "starting"

    @property
    def approved(self) -> Approved:
        """The configuration that holds."""
        return self._reader.approved

    def note(self, member: Member, found: dict[str, Any]) -> None:
        """Remember what a worker said of itself last."""
        self._known[member.number] = {**self._known.get(member.number, {}), **found}

    def forget(self, member: Member) -> None:
        """Hear that a worker is dead; what it served is not forgotten."""
        self._served_before += int(self._known.pop(member.number, {}).get("served", 0))

    def served(self) -> int:
        """Return how many sessions were opened, as far as workers came to tell it."""
        living = sum(int(each.get("served", 0)) for each in self._known.values())
        return self._served_before + living

    async def each_status(self) -> list[dict[str, Any]]:
        """Return what every worker that lives says of itself."""
        members = [each for each in self._supervisor.crew if each.line is not None and each.ready]
        found = await asyncio.gather(*(self._status_of(each) for each in members))
        return [each for each in found if each is not None]

    async def _status_of(self, member: Member) -> dict[str, Any] | None:
        if member.line is None:
            return None
        try:
            found = await member.line.ask("status", _ANSWER_SECONDS)
        except (OperationError, TimeoutError):
            return None
        self.note(member, found)
        return {**found, "number": member.number, "pid": member.pid, "state": "serving"}

    def line(self) -> str:
        """Return the status as one line, by what workers said last."""
        live = sum(each.get("sessions", 0) for each in self._known.values())
        return status_line(self.state, len(self.approved.bridges), live)

    async def answer(self, question: Question) -> dict[str, Any]:
        """Return the answer to a question.

        Raises:
            OperationError: there is no such session, or what was read again does not hold.
        """
        if question.do == "status":
            return await self._status()
        if question.do == "sessions":
            return await self._sessions(question.fields)
        if question.do == "end":
            name = question.fields.get("session", "")
            for member in self._supervisor.crew:
                if member.line is not None:
                    with contextlib.suppress(OperationError, TimeoutError):
                        await member.line.ask("end", _ANSWER_SECONDS, session=name)
                        return {"session": name}
            raise no_such_session(name)
        outcome = await self.reload("catflap reload")
        if not outcome.holds:
            raise OperationError(outcome.told, "what held before goes on to hold")
        return {"told": outcome.told}

    async def _status(self) -> dict[str, Any]:
        workers = await self.each_status()
        bridges = [
            {
                "name": bridging.name,
                "on": list(bridging.listening_on),
                "to": bridging.far.target,
                "sessions": sum(each["bridges"].get(bridging.name, 0) for each in workers),
            }
            for bridging in self._supervisor.serving
        ]
        for worker in workers:
            del worker["bridges"]
        return {
            "version": __version__,
            "pid": os.getpid(),
            "state": self.state,
            "since": clock.utc(self._began),
            "sessions": sum(each["sessions"] for each in workers),
            "served": self.served(),
            "workers": workers,
            "bridges": bridges,
        }

    async def _sessions(self, fields: dict[str, Any]) -> dict[str, Any]:
        limit = max(0, min(fields.get("limit", MOST_SESSIONS), MOST_SESSIONS))
        total, found = 0, []
        for member in self._supervisor.crew:
            if member.line is not None:
                with contextlib.suppress(OperationError, TimeoutError):
                    part = await member.line.ask("sessions", _ANSWER_SECONDS, **fields)
                    total += part["total"]
                    found += part["sessions"]
        found.sort(key=lambda each: each["since"])
        return {"total": total, "sessions": found[:limit]}

    def watch(self) -> None:
        """Reload by itself when a file of the configuration changes."""
        self._watch = ConfigurationWatch(
            self._supervisor.serving.poller.call_later,
            lambda: self._reader.watched,
            lambda: self.begin(FILES_CHANGED),
        )
        if self._reader.is_late:
            self.begin(FILES_CHANGED)

    def stop(self) -> None:
        """Reload no more."""
        self._running = False
        if self._watch is not None:
            self._watch.stop()

    async def hold_changes(self) -> None:
        """Wait until no change is under way, and let none begin before :meth:`allow_changes`."""
        await self._busy.acquire()

    def allow_changes(self) -> None:
        """Let changes begin again: whoever was to be born is born."""
        self._busy.release()

    def begin(self, reason: str) -> None:
        """Reload without anybody waiting for it."""
        task = asyncio.get_running_loop().create_task(self.reload(reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def reload(self, reason: str) -> Outcome:
        """Read everything again, in all processes: all of them change, or none.

        Args:
            reason: ``SIGHUP``, :data:`FILES_CHANGED`, or who asked.
        """
        async with self._busy:
            if not self._running or self.state == "starting":
                told = f"the service is {self.state}, and reloads nothing"
                return Outcome(holds=False, told=told)
            notifier = self._supervisor.front.notifier
            notifier.reloading()
            try:
                # Who is being born is waited for first, so that what is read is what was looked at.
                await self._supervisor.settled()
                return await self._looked(reason)
            finally:
                notifier.ready()

    async def _looked(self, reason: str) -> Outcome:
        """Reload, and take what was there just before for known."""
        if self._watch is None:
            return await self._reload(reason, ())
        seen = self._watch.look_at()
        try:
            return await self._reload(reason, self._watch.changed_since(seen))
        finally:
            self._watch.settle(seen)

    async def _reload(self, reason: str, changed: tuple[str, ...]) -> Outcome:
        tries = 0
        while True:
            tries += 1
            approved: Approved | None = None
            try:
                approved = self._reader.read()
                exchange = await self._prepared(approved)
            except CatflapError as error:
                if (
                    tries < _TRIES
                    and approved is not None
                    and self._reader.says_other_than(approved)
                ):
                    # Saved once more while the workers read it: that is no failure.
                    continue
                return await self._failed(reason, error)
            break
        await self._all("commit")
        changes = self._supervisor.serving.commit(exchange)
        self._reader.take(approved)
        self._supervisor.tell_unshared(changes.added)
        return await self._renewed(reason, changes, changed)

    async def _prepared(self, approved: Approved) -> Exchange:
        """Return the change to what was read, which every process has prepared.

        Raises:
            UsageError: something cannot be while the service runs; nothing has changed.
            OperationError: a file, an address or a worker says no; nothing has changed.
        """
        exchange = self._supervisor.serving.exchange(approved.bridges)
        try:
            await exchange.prepare()
            await self._prepare_all(exchange, approved)
        except CatflapError:
            exchange.cancel()
            await self._all("cancel")
            raise
        return exchange

    async def _failed(self, reason: str, error: CatflapError) -> Outcome:
        """Tell why what was read does not hold, unless a bridge has told it of its files."""
        told = why_not(error)
        if not (reason == FILES_CHANGED and self._supervisor.has_told(told)):
            tell_failure(self._supervisor.emit, reason, error)
        self._supervisor.serving.heard(told)
        await self._all("heard", told=told)
        return Outcome(holds=False, told=error.render())

    async def _renewed(self, reason: str, changes: Changes, changed: tuple[str, ...]) -> Outcome:
        """Tell that it holds when it holds in every process, not before."""
        by_itself, holds = reason == FILES_CHANGED, True
        if not by_itself:
            self._supervisor.failures.forget()
            await self.renew(reason, changes.kept)
            holds = self._supervisor.serving.reload(reason, changes.kept)
        if changes or not by_itself:
            self._reader.tell(reason, changes, changed)
        return Outcome(holds, str(changes))

    async def stop_accepting(self) -> None:
        """Let no worker take anybody in any more; one that does not answer is not waited for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self._all("stop")

    async def renew(self, reason: str, names: Iterable[str]) -> None:
        """Let every worker read the certificates, keys and lists of bridges again."""
        await self._all("reload", reason=reason, names=list(names))

    async def renew_all(self, reason: str, names: Iterable[str]) -> None:
        """Let every worker read files again, also one that was born with those of before.

        One that is on its way cannot be asked yet; so it is waited for, and none is born meanwhile.
        """
        async with self._busy:
            await self._supervisor.settled()
            await self.renew(reason, names)

    async def _prepare_all(self, exchange: Exchange, approved: Approved) -> None:
        """Let every worker prepare the same change, with the listeners that were opened for it.

        Raises:
            OperationError: one of them cannot.
        """
        opened = exchange.opened
        lent = {name: len(sockets) for name, sockets in opened.items()}
        for member in self._supervisor.crew:
            if member.line is None or member.sockets is None or not member.ready:
                continue
            try:
                for name, sockets in opened.items():
                    numbers = [sock.fileno() for sock in sockets]
                    socket.send_fds(member.sockets, [name.encode()], numbers)
                await member.line.ask(
                    "prepare", _PREPARE_SECONDS, lent=lent, digest=approved.digest
                )
            except (GoneError, BrokenPipeError, ConnectionResetError):
                continue  # it died; who takes its place is born as things are then
            except TimeoutError:
                message = f"worker {member.number} did not prepare the change in time"
                raise OperationError(message) from None
            except OSError as error:
                message = f"worker {member.number} cannot be handed listeners: {error.strerror}"
                raise OperationError(message) from error

    async def _all(self, do: str, **fields: Any) -> None:
        """Let every worker do something; one that dies meanwhile is born anew as things are."""
        lines = [each.line for each in self._supervisor.crew if each.line is not None]
        asked = [line.ask(do, _PREPARE_SECONDS, **fields) for line in lines]
        await asyncio.gather(*asked, return_exceptions=True)
