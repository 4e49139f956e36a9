"""Telling of refusals: all that a rule of policy makes, bursts of a limit with their count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.events.model import Denied, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.core.nouns import Decision
    from catflap.events.model import Event
    from catflap.relay.poller import Poller

__all__ = ("Refusals",)

_SECOND = 1.0


class _Burst:
    __slots__ = ("count", "decision", "peer", "via")

    def __init__(self) -> None:
        self.count = 0
        self.decision: Decision | None = None
        self.peer = ""
        self.via = ""


class Refusals:
    """Turns the refusals of limits into few events, and loses none of them.

    The first of a burst is told at once; those that follow once a second, together, until a
    second brings none.

    Args:
        loop: has the timers.
        bridge: the name that events carry.
        emit: takes events.
        next_id: gives names to sessions that never began.
    """

    def __init__(
        self, loop: Poller, bridge: str, emit: Callable[[Event], None], next_id: Callable[[], str]
    ) -> None:
        """Start with nothing to tell."""
        self._loop = loop
        self._bridge = bridge
        self._emit = emit
        self._next_id = next_id
        self._bursts: dict[str, _Burst] = {}

    def tell(self, decision: Decision, peer: str, via: str = "") -> None:
        """Tell of one refusal by a limit, now or with those that follow."""
        burst = self._bursts.get(decision.rule)
        if burst is None:
            self._bursts[decision.rule] = _Burst()
            self._loop.call_later(_SECOND, self._gather, decision.rule)
            self._say(decision, peer, via, 1)
            return
        burst.count += 1
        burst.decision, burst.peer, burst.via = decision, peer, via

    def _gather(self, rule: str) -> None:
        burst = self._bursts[rule]
        if burst.decision is None:
            del self._bursts[rule]
            return
        self._bursts[rule] = _Burst()
        self._loop.call_later(_SECOND, self._gather, rule)
        self._say(burst.decision, burst.peer, burst.via, burst.count)

    def flush(self) -> None:
        """Tell what is left: the service ends."""
        for burst in self._bursts.values():
            if burst.decision is not None:
                self._say(burst.decision, burst.peer, burst.via, burst.count)
                burst.decision, burst.count = None, 0

    def _say(self, decision: Decision, peer: str, via: str, count: int) -> None:
        reason = decision.reason if count == 1 else f"{decision.reason} ({count} refused)"
        self._emit(
            Denied(
                time=stamp(),
                bridge=self._bridge,
                session=self._next_id(),
                peer=peer,
                rule=decision.rule,
                reason=reason,
                mend=decision.mend,
                entry=decision.entry,
                via=via,
                count=count,
            )
        )
