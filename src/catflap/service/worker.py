"""One of several processes that serve the same bridges; its parent opened the sockets."""

from __future__ import annotations

import asyncio
import signal
import socket
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from catflap.address.rows import Transport
from catflap.bridge.side import Side
from catflap.core.errors import ExitStatus, OperationError
from catflap.events.model import Level, Listening, Reloaded, ReloadFailed
from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.poller import Poller
from catflap.relay.registry import Registry
from catflap.service.answers import bridges_of, end_session, no_such_session, tell_sessions
from catflap.service.conversation import Conversation
from catflap.service.logging import EventLog
from catflap.service.process import GRACE_SECONDS, capacity, unexpected
from catflap.service.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from catflap.bridge.model import Bridge
    from catflap.events.model import Event
    from catflap.relay.bridging import Bridging
    from catflap.relay.counters import Counters
    from catflap.service.exchange import Exchange
    from catflap.service.options import ServiceOptions
    from catflap.service.recorder import Recorder
    from catflap.service.source import Approved, ConfigurationSource
    from catflap.sinks.queue import Sink

__all__ = ("Birth", "Worker", "served_by", "shares_out", "work")

_QUIET = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
_OF_PACKETS = frozenset({Transport.UDP, Transport.UDPLITE, Transport.DTLS})
"""What listens there has one socket for all peers, and no connection that one worker could take."""
_MOST_SOCKETS = 250
_NAME_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Birth:
    """What a worker is given along.

    Args:
        number: from 1; the first also serves what has no connections to share out.
        bridges: what runs.
        heirs_of: the parent's bridges, whose listeners are open.
        options: how the service behaves.
        sink: where events go; it is shared.
        counters: of limits, as this worker sees them.
        meter: makes what counts for the metrics, when somebody asked for them.
        source: the file of the bridges.
        line: to the parent.
        sockets: on which the parent hands over listeners that it opens later.
    """

    number: int
    bridges: Sequence[Bridge]
    heirs_of: Mapping[str, Bridging]
    options: ServiceOptions
    sink: Sink
    counters: Counters
    meter: Callable[[int, Registry], Recorder] | None
    source: ConfigurationSource
    line: socket.socket
    sockets: socket.socket


def served_by(number: int, bridges: Sequence[Bridge]) -> list[Bridge]:
    """Return the bridges that a worker serves.

    Packets of one peer must all come to one process, so the first worker has those bridges alone.
    """
    return [each for each in bridges if number == 1 or shares_out(each)]


def shares_out(bridge: Bridge) -> bool:
    """Return whether every worker serves a bridge."""
    first = bridge.first
    if not isinstance(first, Side) or not first.serves_streams:
        return False
    return first.kind.transport not in _OF_PACKETS


def work(birth: Birth) -> int:
    """Serve in this process until the parent says that it is over; return the exit status."""
    for number in _QUIET:
        # A terminal and a service manager signal the whole group; the parent decides.
        signal.signal(number, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        return runner.run(Worker(birth).run())


class Worker:
    """The running worker.

    Args:
        birth: what it was given along.
    """

    def __init__(self, birth: Birth) -> None:
        """Prepare; nothing happens before :meth:`run`."""
        self._birth = birth
        self._registry = Registry(capacity())
        self._exchange: Exchange | None = None
        self._approved: Approved | None = None
        self._recorder: Recorder | None = None
        self._hurried = False
        self._over: asyncio.Future[int]
        self._log: EventLog
        self._serving: Serving
        self._line: Conversation

    async def run(self) -> int:
        """Serve, and do what the parent says."""
        birth, loop = self._birth, running_loop()
        self._over = loop.create_future()
        self._log = EventLog(birth.options.log, Level.INFO, birth.sink)
        self._line = Conversation(birth.line, self._answer)
        if birth.meter is not None:
            self._recorder = birth.meter(birth.number, self._registry)
        poller = Poller(loop)
        loop.set_exception_handler(partial(unexpected, self._emit))
        self._serving = Serving(
            poller,
            self._registry,
            self._emit,
            self._log.is_full,
            over=lambda *_: None,
            drain=birth.options.drain,
            counters=birth.counters,
            heirs_of=birth.heirs_of,
        )
        try:
            self._serving.build(served_by(birth.number, birth.bridges))
            self._serving.start()
            if self._recorder is not None:
                self._recorder.flush(poller.call_later)
            return await self._serve()
        finally:
            self._serving.close()
            poller.close()
            self._log.close()

    async def _serve(self) -> int:
        await self._line.open()
        listening = asyncio.create_task(self._line.run())
        self._line.tell("ready")
        watched: set[asyncio.Future[Any]] = {listening, self._over}
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        if not self._over.done():
            # Nobody is left who could ask us to end, or give us an order.
            await self._drain(self._birth.options.drain)
        status = self._over.result()
        await self._line.flush()
        self._line.close()
        await asyncio.wait({listening}, timeout=1.0)
        return status

    def _emit(self, event: Event) -> None:
        """Take an event; those that every process would tell alike are the parent's."""
        kind = type(event)
        if kind is Reloaded or kind is Listening:
            return
        if kind is ReloadFailed:
            assert isinstance(event, ReloadFailed)  # noqa: S101 - for the type checker
            bridging = self._serving.by_name.get(event.bridge)
            self._line.tell(
                "failed",
                state=bridging.renewing.failed_mark if bridging is not None else "",
                bridge=event.bridge,
                reason=event.reason,
                hint=event.hint,
                changed=event.changed,
            )
            return
        if self._recorder is not None:
            self._recorder.observe(event)
        self._log.emit(event)

    async def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        do = question.pop("do")
        if do in {"prepare", "drain"}:
            wanted = self._prepare(question) if do == "prepare" else self._drain_as(question)
            return await wanted
        answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "status": self._status,
            "sessions": lambda fields: tell_sessions(self._registry, **fields),
            "end": self._end,
            "reload": self._reload,
            "heard": self._heard,
            "stop": self._stop,
            "commit": lambda _: self._settle(commits=True),
            "cancel": lambda _: self._settle(commits=False),
            "hurry": self._hurry,
        }
        return answers[do](question)

    def _status(self, _: dict[str, Any]) -> dict[str, Any]:
        bridges = bridges_of(self._serving, self._registry)
        return {
            "sessions": len(self._registry),
            "served": self._registry.served,
            "full": self._log.is_full(),
            "bridges": {each["name"]: each["sessions"] for each in bridges},
        }

    def _end(self, question: dict[str, Any]) -> dict[str, Any]:
        if not end_session(self._registry, question["session"]):
            raise no_such_session(question["session"])
        return {}

    def _reload(self, question: dict[str, Any]) -> dict[str, Any]:
        known = self._serving.by_name
        names = [name for name in question["names"] if name in known]
        self._serving.reload(question["reason"], names)
        return {}

    def _heard(self, question: dict[str, Any]) -> dict[str, Any]:
        self._serving.heard(question["told"])
        return {}

    def _stop(self, _: dict[str, Any]) -> dict[str, Any]:
        self._serving.stop_accepting()
        return {}

    def _hurry(self, _: dict[str, Any]) -> dict[str, Any]:
        self._hurried = True
        self._registry.end_all()
        return {}

    async def _drain_as(self, question: dict[str, Any]) -> dict[str, Any]:
        await self._drain(question["within"])
        drained = self._over.result() == ExitStatus.OK
        return {"drained": drained, "served": self._registry.served}

    async def _prepare(self, question: dict[str, Any]) -> dict[str, Any]:
        """Read the file as the parent did, and do everything of the change that can fail."""
        lent = self._borrow(question["lent"])
        self._settle(commits=False)
        approved = self._birth.source.read()
        if approved.digest != question["digest"]:
            raise OperationError("the configuration changed while it was read")
        wanted = served_by(self._birth.number, approved.bridges)
        exchange = self._serving.exchange(wanted, lent)
        await exchange.prepare()
        self._exchange = exchange
        return {}

    def _borrow(self, counts: dict[str, int]) -> dict[str, list[socket.socket]]:
        """Return the listeners that the parent opened: a message for each bridge is waiting."""
        found: dict[str, list[socket.socket]] = {}
        for _ in counts:
            try:
                packed, numbers, _flags, _ = socket.recv_fds(
                    self._birth.sockets, _NAME_BYTES, _MOST_SOCKETS, socket.MSG_CMSG_CLOEXEC
                )
            except OSError as error:
                message = f"the listeners did not arrive: {error.strerror}"
                raise OperationError(message) from error
            found[packed.decode()] = [socket.socket(fileno=number) for number in numbers]
        for bridge, count in counts.items():
            if len(found.get(bridge, ())) != count:
                raise OperationError(f"the listeners of {bridge} did not arrive")
        return found

    def _settle(self, *, commits: bool) -> dict[str, Any]:
        """Let what was prepared hold, or forget it."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None and commits:
            self._serving.commit(exchange)
        elif exchange is not None:
            exchange.cancel()
        return {}

    async def _drain(self, seconds: float) -> None:
        """Take nobody in any more, let sessions finish for a while, then end what is left."""
        self._serving.stop_accepting()
        registry = self._registry
        drained = await registry.wait_empty(seconds) and not self._hurried
        if not drained:
            registry.end_all()
            await registry.wait_empty(GRACE_SECONDS)
        if not self._over.done():
            self._over.set_result(ExitStatus.OK if drained else ExitStatus.FAILURE)
