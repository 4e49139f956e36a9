"""What a service shows of itself: to its manager, to who controls it, to who watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from catflap.events.model import Notice, stamp
from catflap.service.control import Answering, ControlSocket
from catflap.service.notify import Notifier
from catflap.service.state import state_directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.events.model import Event
    from catflap.service.metering import Metering
    from catflap.service.options import ServiceOptions

__all__ = ("Front", "Speaking")


class Speaking(Answering, Protocol):
    """What answers, and says in a line how the service is."""

    state: str

    def line(self) -> str:
        """Return the status as one line."""


class Front:
    """The control socket and the manager's ear of one service.

    Args:
        options: what was asked for.
        answers: what is told.
        metering: what is measured, when somebody asked for that.
    """

    def __init__(
        self, options: ServiceOptions, answers: Speaking, metering: Metering | None = None
    ) -> None:
        """Connect to the manager while its socket can be reached; make nothing yet."""
        self._options = options
        self._answers = answers
        self._metering = metering
        self.notifier = Notifier()
        self._control: ControlSocket | None = None

    @property
    def state(self) -> str:
        """``starting``, ``serving`` or ``draining``."""
        return self._answers.state

    def open(self, emit: Callable[[Event], None]) -> None:
        """Make the control socket; it comes first, for one state belongs to one service.

        Raises:
            OperationError: it cannot be made, or another service has it.
        """
        if self._options.control:
            directory = state_directory(self._options.state)
            self._control = ControlSocket(directory, self._answers, emit)
            self._control.open()
        if self._metering is not None:
            where = self._metering.open()
            message = f"metrics, health and readiness at {where}"
            emit(Notice(time=stamp(), message=message))

    async def start(self, call_later: Callable[..., object]) -> None:
        """Answer, and tell the manager that we are ready.

        Args:
            call_later: of the loop.
        """
        self._answers.state = "serving"
        if self._control is not None:
            await self._control.start()
        if self._metering is not None:
            await self._metering.start(call_later)
        self.notifier.ready()
        self.notifier.keep(call_later, self._answers.line)

    def drains(self) -> None:
        """Tell that no more sessions begin."""
        self._answers.state = "draining"
        self.notifier.stopping()
        self.notifier.status(self._answers.line())

    def disown(self) -> None:
        """Let go of everything, in a process that was forked from the one that answers."""
        if self._control is not None:
            self._control.disown()
        if self._metering is not None:
            self._metering.disown()
        self.notifier.close()

    def close(self) -> None:
        """Answer no more."""
        if self._control is not None:
            self._control.close()
        if self._metering is not None:
            self._metering.close()
        self.notifier.close()
