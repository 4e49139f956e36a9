"""The pump for packets that are handed in, one socket serving many sessions.

There is no descriptor of the session's own to poll: whoever reads the shared socket sorts the
packets and calls. Nothing is registered for a session, so that a packet costs no system call
besides the one that read it and the one that writes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from catflap.relay.pump.packet import PacketFlow

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.relay.channel import Reader
    from catflap.relay.packets.batch import Batch

__all__ = ("PushedFlow", "watch_of")


class _Watch(Protocol):
    def __call__(self, callback: Callable[[], None] | None, /) -> None:
        """Call back at each packet, or no more."""


class _DirectWatch(Protocol):
    def __call__(
        self, callback: Callable[[], None], direct: Callable[[Batch], None] | None, /
    ) -> None:
        """The same, and hand over what need not wait."""


def watch_of(source: Reader) -> _Watch | None:
    """Return how to hear of packets that are handed in; ``None`` for a descriptor to poll."""
    return getattr(source, "watch", None)


class PushedFlow(PacketFlow):
    """A flow whose source calls instead of being polled."""

    __slots__ = ("_take_run", "_watch")

    _watch: _Watch

    def start(self) -> None:
        """Begin to move packets, those first that came before."""
        watch = watch_of(self._source)
        if watch is None:
            message = "the source hands nothing in"
            raise TypeError(message)
        self._watch = watch
        self._take_run: Callable[[], list[bytes]] | None
        self._take_run = getattr(self._source, "take_run", None)
        super().start()

    def stop(self, *, closing: bool = False) -> None:
        """Take all callbacks back; there is no descriptor whose closing would do it."""
        del closing
        super().stop()

    def readable(self) -> None:
        """Write what was handed in, all of it if the source can give it at once."""
        run = self._take_run() if self._take_run is not None else []
        if not run:
            super().readable()
            return
        self._again = None
        self._pass_run([self._seen(packet) for packet in run])

    def _listen(self) -> None:
        """Hear of packets; take those directly that the sink can have at once."""
        if self._write_batch is not None and hasattr(self._source, "direct"):
            watch: _DirectWatch = self._watch  # type: ignore[assignment]
            watch(self.readable, self.pass_batch)
        else:
            self._watch(self.readable)

    def _resume(self) -> None:
        if self._source.buffered():
            self._again = self._loop.call_soon(self.readable)
        else:
            self._reading = True
            self._listen()

    def _pause(self) -> None:
        if self._reading:
            self._reading = False
            self._watch(None)
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _rearm(self) -> None:
        if self._source.buffered():
            if self._reading:
                self._reading = False
                self._watch(None)
            if self._again is None:
                self._again = self._loop.call_soon(self.readable)
        elif not self._reading:
            self._reading = True
            self._listen()
