"""The bridges that one process serves: opened together, started together, drained together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from catflap.relay.bridging import Bridging
from catflap.service.exchange import Changes, Exchange
from catflap.service.gate import stand_at_gate
from catflap.survey.survey import in_container

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from catflap.bridge.model import Bridge
    from catflap.events.model import Event
    from catflap.relay.counters import Counters
    from catflap.relay.poller import Poller
    from catflap.relay.registry import Registry
    from catflap.relay.session import Session

__all__ = ("Serving",)

_LOOKS_EVERY_SECONDS = 0.2


class Serving:
    """Every running bridge of this process, by name.

    Args:
        poller: where they run.
        registry: the sessions of all of them.
        emit: takes events.
        log_is_full: whether events can no longer be taken.
        over: hears of a bridge for one session that it is over.
        drain: seconds that the sessions of a bridge have which is taken out.
        taps: see the payload of both directions, when somebody asked for that.
        counters: of the service, where several processes serve.
        heirs_of: the same bridges in the process that this one was forked from.
        holds: only keep the sockets open and the files fresh: other processes serve.
    """

    def __init__(  # noqa: PLR0913 - what serving takes
        self,
        poller: Poller,
        registry: Registry,
        emit: Callable[[Event], None],
        log_is_full: Callable[[], bool],
        *,
        over: Callable[[Bridging, asyncio.Future[Session]], None],
        drain: float = 30.0,
        taps: tuple[Callable[[bytes], None] | None, Callable[[bytes], None] | None] = (None, None),
        counters: Counters | None = None,
        heirs_of: Mapping[str, Bridging] | None = None,
        holds: bool = False,
    ) -> None:
        """Serve nothing yet."""
        self.poller = poller
        self.registry = registry
        self._emit = emit
        self._log_is_full = log_is_full
        self._taps = taps
        self._counters = counters
        self._heirs_of = dict(heirs_of or {})
        self._is_one_of_several = heirs_of is not None
        self._holds = holds
        self._over = over
        self._drain = drain
        self._in_container = in_container()
        self._bridgings: dict[str, Bridging] = {}
        self._leaving: list[Bridging] = []

    def __iter__(self) -> Iterator[Bridging]:
        """Iterate over the running bridges."""
        return iter(list(self._bridgings.values()))

    @property
    def by_name(self) -> dict[str, Bridging]:
        """The running bridges by their names."""
        return dict(self._bridgings)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._bridgings)

    @property
    def serves(self) -> bool:
        """Whether any of them waits for peers."""
        return any(bridging.serves for bridging in self)

    def build(self, bridges: Iterable[Bridge]) -> None:
        """Make every bridge ready to be opened.

        Raises:
            UsageError: something is not built yet, or contradicts itself.
            OperationError: a file cannot be used.
        """
        for bridge in bridges:
            self._bridgings[bridge.name] = self._made(bridge)

    def _made(self, bridge: Bridge) -> Bridging:
        bridging = Bridging(
            bridge,
            self.poller,
            self.registry,
            self._emit,
            self._log_is_full,
            self._taps,
            self._counters,
            self._heirs_of.pop(bridge.name, None),
        )
        bridging.in_container = self._in_container
        bridging.gate = stand_at_gate
        bridging.is_one_of_several = self._is_one_of_several
        return bridging

    async def open(self) -> None:
        """Open every listening socket; when one cannot be, close those before it.

        Raises:
            OperationError: one cannot be opened.
        """
        try:
            for bridging in self:
                await bridging.open()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Serve."""
        for bridging in self:
            self._start(bridging)

    def _start(self, bridging: Bridging) -> None:
        if self._holds:
            bridging.hold()
            return
        if bridging.single:
            bridging.over.add_done_callback(partial(self._over, bridging))
        bridging.start()

    async def apply(self, wanted: Sequence[Bridge]) -> Changes:
        """Change the set of bridges: what is new is opened first, what goes is drained.

        Raises:
            UsageError: something cannot be while the service runs; nothing has changed.
            OperationError: a file or an address cannot be used; nothing has changed.
        """
        exchange = self.exchange(wanted)
        await exchange.prepare()
        return self.commit(exchange)

    def exchange(
        self,
        wanted: Sequence[Bridge],
        lent: Mapping[str, Sequence[socket.socket]] | None = None,
    ) -> Exchange:
        """Return the change to another set of bridges; it is prepared, then committed.

        Args:
            wanted: the bridges that are to run.
            lent: sockets that another process opened for it, by bridge.
        """
        return Exchange(self._bridgings, wanted, self._made, lent)

    def commit(self, exchange: Exchange) -> Changes:
        """Let a change hold that was prepared: serve what is new, drain what goes."""
        changes = exchange.commit()
        for name in changes.added:
            self._start(self._bridgings[name])
        for bridging in exchange.going:
            self._retire(bridging)
        return changes

    def _retire(self, bridging: Bridging) -> None:
        """Let the sessions of a bridge that goes finish, for as long as a drain lasts."""
        bridging.stop_accepting()
        self._leaving.append(bridging)
        self._leave(bridging, self.poller.time() + self._drain)

    def _leave(self, bridging: Bridging, deadline: float) -> None:
        live = [session for session in self.registry if session.bridging is bridging]
        if live and self.poller.time() < deadline:
            self.poller.call_later(_LOOKS_EVERY_SECONDS, self._leave, bridging, deadline)
            return
        for session in live:
            session.shut_down()
        if bridging in self._leaving:
            self._leaving.remove(bridging)
            bridging.close()

    def reload(self, reason: str, names: Iterable[str] | None = None) -> bool:
        """Read the certificates, keys and lists of bridges again.

        Args:
            reason: who asked.
            names: of which bridges; all of them by default.

        Returns:
            Whether what was read holds now, for each of them.
        """
        wanted = self._bridgings if names is None else names
        held = [self._bridgings[name].reload(reason) for name in wanted]
        return all(held)

    def has_told(self, told: str) -> bool:
        """Return whether a bridge has told already that a file of it cannot be used."""
        return any(bridging.renewing.has_told(told) for bridging in self)

    def heard(self, told: str) -> None:
        """Let no bridge tell again why files of it cannot be used."""
        for bridging in self:
            bridging.renewing.heard(told)

    def stop_accepting(self) -> None:
        """Accept no more and give the addresses free; live sessions go on."""
        for bridging in self:
            bridging.stop_accepting()

    def close(self) -> None:
        """Release everything that is not a session."""
        for bridging in (*self._bridgings.values(), *self._leaving):
            bridging.close()
