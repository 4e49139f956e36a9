"""The metrics of one service: what is counted, what is looked up, and where it is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.events.model import Event, Reloaded
from catflap.service.expiries import Expiries
from catflap.service.exposition import Sample, samples_of
from catflap.service.recorder import Recorder, make_metrics_map
from catflap.service.watching import WatchSocket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catflap.bridge.model import Bridge
    from catflap.relay.counters import Counters
    from catflap.relay.registry import Registry

__all__ = ("Metering",)


class Metering:
    """Counts events of this process, and shows the sums of all.

    Args:
        where: metrics are served.
        workers: processes besides this one.
        bridges: returns those that run now.
        ready: returns why no new session is taken; nothing while they are.
    """

    def __init__(
        self,
        where: str,
        workers: int,
        bridges: Callable[[], Sequence[Bridge]],
        ready: Callable[[], str],
    ) -> None:
        """Read the address; nothing is made before :meth:`open`.

        Raises:
            UsageError: the address is not on this host alone.
        """
        self._bridges = bridges
        self._ready = ready
        self.counters: Counters = make_metrics_map(workers, len(bridges()))
        self._expiries = Expiries()
        self._socket = WatchSocket(where, self)
        self._recorder: Recorder | None = None
        self.workers: Callable[[], int] = lambda: 1

    def record(self, registry: Registry) -> Recorder:
        """Return what counts in this process."""
        self._recorder = Recorder(self.counters, registry)
        return self._recorder

    def counting(self, emit: Callable[[Event], None]) -> Callable[[Event], None]:
        """Return what counts an event and passes it on."""

        def counted(event: Event) -> None:
            self.observe(event)
            emit(event)

        return counted

    def observe(self, event: Event) -> None:
        """Count an event of this process."""
        if self._recorder is not None:
            self._recorder.observe(event)
        if isinstance(event, Reloaded):
            self._expiries.look(self._bridges())

    def clear(self, number: int) -> None:
        """Forget what lived in a worker that is dead; what it had counted stays."""
        self.counters.clear(number)

    def in_worker(self, number: int, registry: Registry) -> Recorder:
        """Return what counts in a forked process."""
        return Recorder(self.counters.at(number), registry)

    def open(self) -> str:
        """Make the socket and return where it is.

        Raises:
            OperationError: it cannot be made.
        """
        self._expiries.look(self._bridges())
        return self._socket.open()

    async def start(self, call_later: Callable[..., object]) -> None:
        """Answer from now on, and count the bytes of live sessions.

        Args:
            call_later: of the loop.
        """
        if self._recorder is not None:
            self._recorder.flush(call_later)
        await self._socket.start()

    def samples(self) -> list[Sample]:
        """Return the numbers that are known at this moment."""
        return [
            *samples_of(self.counters),
            *self._expiries.samples(),
            ("catflap_workers", (), self.workers()),
        ]

    def ready(self) -> str:
        """Return why no new session is taken; nothing while they are."""
        return self._ready()

    def disown(self) -> None:
        """Let go of the socket: after a fork."""
        self._socket.disown()

    def close(self) -> None:
        """Answer no more."""
        self._socket.close()
