"""What signals ask of a service: to end, to end now, to read everything again."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from catflap.relay.passed_signals import pass_on

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ("Signals",)

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


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
            if signal.getsignal(number) is signal.SIG_IGN:
                continue
            if number == signal.SIGHUP and self._reload is not None:
                self._loop.add_signal_handler(number, self._reload)
            else:
                self._loop.add_signal_handler(number, self._ended, number)

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
