"""What one process knows about itself, for those who ask over the control socket."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from catflap import __version__
from catflap.core import clock
from catflap.core.errors import OperationError
from catflap.core.spans import printable
from catflap.service.protocol import MOST_SESSIONS

if TYPE_CHECKING:
    from catflap.relay.bridging import Bridging
    from catflap.relay.registry import Registry
    from catflap.relay.session import Session
    from catflap.service.protocol import Question
    from catflap.service.reloading import Reloads
    from catflap.service.serving import Serving

__all__ = ("Answers", "end_session", "no_such_session", "status_line", "tell_sessions")

_ENDED = ("operator", "ended by catflap end")


class Answers:
    """Answers for a service that is one process.

    Args:
        serving: its bridges.
        registry: its sessions.
        reloads: how it reloads.
    """

    def __init__(self, serving: Serving, registry: Registry, reloads: Reloads) -> None:
        """Note when the service began."""
        self._serving = serving
        self._registry = registry
        self._reloads = reloads
        self._began = clock.now()
        self.state = "starting"

    async def answer(self, question: Question) -> dict[str, Any]:
        """Return the answer to a question.

        Raises:
            OperationError: there is no such session, or what was read again does not hold.
        """
        if question.do == "status":
            return self.status()
        if question.do == "sessions":
            return tell_sessions(self._registry, **question.fields)
        if question.do == "end":
            name = question.fields.get("session", "")
            if not end_session(self._registry, name):
                raise no_such_session(name)
            return {"session": name}
        outcome = await self._reloads.reload("catflap reload")
        if not outcome.holds:
            raise OperationError(outcome.told, "what held before goes on to hold")
        return {"told": outcome.told}

    def status(self) -> dict[str, Any]:
        """Return what the service is and does."""
        return {
            "version": __version__,
            "pid": os.getpid(),
            "state": self.state,
            "since": clock.utc(self._began),
            "sessions": len(self._registry),
            "served": self._registry.served,
            "workers": [],
            "bridges": bridges_of(self._serving, self._registry),
        }

    def line(self) -> str:
        """Return the status as one line, for a service manager."""
        return status_line(self.state, len(self._serving), len(self._registry))


def status_line(state: str, bridges: int, sessions: int) -> str:
    """Return ``serving: 2 bridges, 5 sessions``."""
    return f"{state}: {_count(bridges, 'bridge')}, {_count(sessions, 'session')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def bridges_of(serving: Serving, registry: Registry) -> list[dict[str, Any]]:
    """Return every bridge with where it listens and how many sessions it has."""
    live: dict[Bridging, int] = {}
    for session in registry:
        live[session.bridging] = live.get(session.bridging, 0) + 1
    return [
        {
            "name": bridging.name,
            "on": list(bridging.listening_on),
            "to": bridging.far.target,
            "sessions": live.get(bridging, 0),
        }
        for bridging in serving
    ]


def tell_sessions(
    registry: Registry, bridge: str = "", limit: int = MOST_SESSIONS
) -> dict[str, Any]:
    """Return the live sessions, oldest first, and how many there are.

    Args:
        registry: where they are.
        bridge: only those of this bridge.
        limit: the most that are told.
    """
    wanted = [each for each in registry if not bridge or each.bridging.name == bridge]
    limit = max(0, min(limit, MOST_SESSIONS))
    # Where wall clock and monotonic clock stand to each other.
    offset = clock.now() - time.monotonic()
    told = [_told(session, offset) for session in wanted[:limit]]
    return {"total": len(wanted), "sessions": told}


def _told(session: Session, offset: float) -> dict[str, Any]:
    sent, received = session.moved
    far = session.far
    return {
        "id": session.id,
        "bridge": session.bridging.name,
        "state": "open" if session.was_opened else "beginning",
        "peer": session.peer_text,
        "via": session.via,
        "identity": str(session.identity),
        "to": far.describe if far is not None else "",
        "rule": session.rule,
        "since": clock.utc(session.started + offset),
        "sent": sent,
        "received": received,
        "pid": os.getpid(),
    }


def end_session(registry: Registry, name: str) -> bool:
    """End a session by its id; return whether there was one."""
    session = next((each for each in registry if each.id == name), None)
    if session is None:
        return False
    if session.was_opened:
        session.cut(*_ENDED)
    else:
        session.shut_down()
    return True


def no_such_session(name: str) -> OperationError:
    """Return the error for an id that nobody has."""
    message = f"there is no session {printable(name)!r}"
    return OperationError(message, "catflap sessions shows those that live")
