"""Live sessions are judged too: when their time is over, and when trust or policy has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.model import DualSide
from catflap.core import clock
from catflap.core.errors import CatflapError
from catflap.core.nouns import Decision
from catflap.events.model import Expiring, stamp
from catflap.relay.expiries import Expiries
from catflap.relay.pump.pump import Outcome
from catflap.relay.told import certificate_told

if TYPE_CHECKING:
    import asyncio

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.nouns import CertificateFacts
    from catflap.relay.bridging import Bridging
    from catflap.relay.channel import Channel
    from catflap.relay.session import Session

__all__ = ("Judging", "keeps_expired")

_EXPIRED = "certificate-expired"
_AT_ONCE = 64
_CLOCK_SECONDS = 1.0
_BY_TIME = frozenset({"hours", "not-yet-open", "no-longer-open"})


def keeps_expired(bridge: Bridge) -> tuple[bool, bool]:
    """Return whether a session outlives the certificate of its near, and of its far end."""
    near, far = (_keeps(bridge, end) for end in (bridge.first, bridge.second))
    return near, far


def _keeps(bridge: Bridge, end: Side | DualSide) -> bool:
    sides = (end.read, end.write) if isinstance(end, DualSide) else (end,)
    said = {side.text("on-expiry").value for side in sides} - {""}
    return (said or {bridge.on_expiry}) == {"keep"}


class Judging:
    """Ends the sessions of one bridge that a new connection would no longer be given.

    Args:
        bridging: the running bridge.
    """

    def __init__(self, bridging: Bridging) -> None:
        """Watch nothing yet."""
        self._bridging = bridging
        self._expiries: Expiries[Session] = Expiries(bridging.loop, self._warn, self._expire)
        self._waiting: list[Session] = []
        self._busy = False
        self._clock: asyncio.TimerHandle | None = None

    def watch(self, session: Session) -> None:
        """Hear of a session whose peers proved themselves by what will expire."""
        moments = [
            proof.until
            for channel, keeps in self._ends(session)
            if not keeps
            for proof in channel.proofs
        ]
        if moments:
            session.expires = min(moments)
            self._expiries.add(session.expires, session)

    def leave(self, session: Session) -> None:
        """Hear that it is over."""
        self._expiries.remove(session.expires, session)

    def _ends(self, session: Session) -> list[tuple[Channel, bool]]:
        keeps = keeps_expired(self._bridging.bridge)
        ends = zip((session.near, session.far), keeps, strict=True)
        return [(channel, keep) for channel, keep in ends if channel is not None]

    def verdict(self, session: Session) -> Decision:
        """Judge a session by the trust, the policy and the time of now."""
        keeps, _ = keeps_expired(self._bridging.bridge)
        decision = self._bridging.admission.judge_again(session, keeps_expired=keeps)
        if not decision.allowed:
            return decision
        for channel, keep in self._ends(session):
            for proof in channel.proofs:
                try:
                    proof.judge()
                except CatflapError as error:
                    rule = getattr(error, "rule", "certificate-not-accepted")
                    if not (keep and rule == _EXPIRED):
                        return Decision(allowed=False, rule=rule, reason=error.message)
        return decision

    def judge_all(self) -> None:
        """Judge every session that lives, some at a time, so that others' bytes go on moving."""
        self._waiting = [
            session
            for session in self._bridging.registry
            if session.bridging is self._bridging and session.was_opened
        ]
        self._watch_clock()
        if not self._busy:
            self._go_on()

    def _go_on(self) -> None:
        """Judge some, and see to it that the rest comes next."""
        now, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        self._busy = bool(self._waiting)
        if self._busy:
            self._bridging.loop.call_soon(self._go_on)
        for session in now:
            if not session.is_over:
                self._judge(session)

    def _judge(self, session: Session) -> None:
        try:
            decision = self.verdict(session)
        except Exception as error:  # noqa: BLE001 - a defect in one must not spare the others
            # What cannot be judged is not allowed.
            session.end(Outcome("error", "the session could not be judged again", abort=True))
            self._bridging.loop.loop.call_exception_handler(
                {"message": f"session {session.id} could not be judged", "exception": error}
            )
            return
        if not decision.allowed:
            reason = decision.reason or "no longer allowed"
            session.end(Outcome("policy", reason, abort=True, rule=decision.rule))

    def _warn(self, session: Session) -> None:
        facts = self._first_to_expire(session)
        self._bridging.emit(
            Expiring(
                time=stamp(),
                bridge=self._bridging.name,
                session=session.id,
                peer=session.peer_text,
                seconds=round(session.expires - clock.now(), 3),
                certificate=certificate_told(facts),
            )
        )

    def _expire(self, session: Session) -> None:
        facts = self._first_to_expire(session)
        subject = repr(facts.subject) if facts is not None else "of a peer"
        issuer = facts is not None and facts.not_after > session.expires
        what = f"an issuer of {subject}" if issuer else f"the certificate {subject}"
        session.end(Outcome("expiry", f"{what} has expired", abort=True, rule=_EXPIRED))

    def _first_to_expire(self, session: Session) -> CertificateFacts | None:
        """Return the leaf whose chain is the first to expire."""
        for channel, _ in self._ends(session):
            if any(proof.until == session.expires for proof in channel.proofs):
                return channel.certificate
        return None

    def start(self) -> None:
        """Look at the clock from now on, where hours or dates are part of the policy."""
        self._watch_clock()

    def _watch_clock(self) -> None:
        if self._clock is None and self._bridging.admission.guard.is_timed:
            self._clock = self._bridging.loop.call_later(_CLOCK_SECONDS, self._look_at_clock)

    def _look_at_clock(self) -> None:
        """Judge all once one is refused for the time alone: all are."""
        self._clock = None
        guard, now = self._bridging.admission.guard, clock.now()
        for session in self._bridging.registry:
            if session.bridging is self._bridging:
                if guard.admit(session.peer, now).rule in _BY_TIME:
                    self.judge_all()
                break
        self._watch_clock()

    def close(self) -> None:
        """Judge no more."""
        self._expiries.close()
        self._waiting.clear()
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
