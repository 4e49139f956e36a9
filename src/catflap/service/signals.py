"""What signals ask of a service: to end, to end now, to read everything again."""

from __future__ import annotations

import signal
from functools import partial
from typing import TYPE_CHECKING

from catflap.relay.passed_signals import pass_on

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ("Signals", "keep_reloads")

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class _Kept:
    """Hears SIGHUP while there is no service yet to read anything again."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, number: int, frame: object) -> None:
        del number, frame
        self.came = True


def keep_reloads() -> None:
    """Let SIGHUP wait for :meth:`Signals.catch`: by default it ends a process that starts.

    One that is ignored stays so.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _Kept())


class Signals:
    """Remembers the first signal that asks to end, and hears the second.

    Args:
        loop: where they are heard.
        hurry: called when a second signal comes.
        reload: called on SIGHUP; ``None`` lets it end the service.

    Attributes:
        number: of the first signal that ended the service, 0 before that.
        again: whether a second one came.
        stopping: is done once the service is to end.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        hurry: Callable[[], None],
        reload: Callable[[], None] | None = None,
    ) -> None:
        """Hear nothing yet."""
        self.number = 0
        self.again = False
        self.stopping: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._hurry = hurry
        self._reload = reload

    def catch(self) -> None:
        """Hear signals from now on; one that was ignored when we were started stays so."""
        for number in (*_ENDING, signal.SIGHUP):
            before = signal.getsignal(number)
            if before is signal.SIG_IGN:
                continue
            hear: Callable[[], None] = partial(self._ended, number)
            if number == signal.SIGHUP and self._reload is not None:
                hear = self._reload
            self._loop.add_signal_handler(number, hear)
            if isinstance(before, _Kept) and before.came:
                self._loop.call_soon(hear)

    def stop(self) -> None:
        """End the service without a signal."""
        if not self.stopping.done():
            self.stopping.set_result(None)

    def _ended(self, number: int) -> None:
        if pass_on(number):
            return
        if self.number:
            self.again = True
            self._hurry()
            return
        self.number = number
        self.stop()
