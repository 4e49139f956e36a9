"""Who may begin a session and go on with it: the guard's decisions, and what is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.core.nouns import Decision, Identity
from catflap.core.spans import excerpt
from catflap.guard.guard import LONGEST_TOLD
from catflap.guard.identities import best_name
from catflap.guard.limits import OFFENCES, Caps, SourceCaps, refusal, source_key
from catflap.relay.policing import groups_of
from catflap.relay.sources import LocalSources
from catflap.relay.totals import LocalTotal

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.core.nouns import Peer
    from catflap.guard.guard import Guard
    from catflap.relay.counters import Counters
    from catflap.relay.proxy_header import ProxyTrust
    from catflap.relay.registry import Registry
    from catflap.relay.session import Session
    from catflap.relay.sources import Sources
    from catflap.relay.totals import Total

__all__ = ("LIMIT_RULES", "Admission", "Holding")

_GIVES_WAY_AFTER = 2.0
"""Seconds after which a handshake gives way to a newcomer when there are too many: an honest one
is over long before, and a flood of silent peers must not lock everybody out until they time out."""

_NO_ROOM = Decision(
    allowed=False,
    rule="too-many-sessions",
    reason="all sessions that are allowed live",
    mend="more sessions in limits, max-children=N, or a higher limit of open files",
)
_NO_LOG = Decision(
    allowed=False,
    rule="log-full",
    reason="events cannot be written, and none may be lost",
    mend="make room for the log, or --log-full drop",
)
_NO_HANDSHAKE = Decision(
    allowed=False,
    rule="too-many-handshakes",
    reason="as many handshakes as are allowed are in flight",
    mend="more handshakes in limits",
)
_DIRECT = Decision(allowed=True, rule="direct")
_GAVE_WAY = Decision(
    allowed=False,
    rule="handshake-gave-way",
    reason="there were too many handshakes, and this one had taken long",
    mend="more handshakes in limits",
)
LIMIT_RULES = frozenset(
    {
        _NO_ROOM.rule,
        _NO_LOG.rule,
        _NO_HANDSHAKE.rule,
        _GAVE_WAY.rule,
        "connects-too-fast",
        "penalised",
        "too-many-from-source",
        "too-many-handshakes-from-source",
        "too-many-of-identity",
        "too-many-sources",
    }
)
"""Refusals that are counted and told once a burst; those of policy are told every time."""


class Holding:
    """What one session has been counted for.

    Args:
        shakes: whether its handshake is in flight.
        source: the handle of its source; ``None`` where sources are not counted.
    """

    __slots__ = ("identity", "shakes", "source")

    def __init__(self, *, shakes: bool = False, source: object = None) -> None:
        """Hold no identity yet."""
        self.shakes = shakes
        self.source = source
        self.identity: object = None


_PLAIN = Holding()
"""Of sessions that are counted only as one; it is never changed."""


class Admission:
    """One for each bridge.

    Args:
        guard: decides by policy; another may take its place while sessions live.
        registry: the sessions of the whole service.
        log_is_full: whether events can no longer be taken.
        proxies: who must say, by a PROXY header, for whom it speaks.
        caps: what may be used up; others may take their place while sessions live.
        shakes: whether peers are received with a handshake or a PROXY header.
        name: of the bridge.
        counters: of the service, where several processes serve; made by
            :func:`~catflap.relay.shared_sources.make_counters`.
    """

    def __init__(  # noqa: PLR0913 - what an admission is made of
        self,
        guard: Guard,
        registry: Registry,
        log_is_full: Callable[[], bool],
        proxies: ProxyTrust | None = None,
        *,
        caps: Caps | None = None,
        shakes: bool = False,
        name: str = "",
        counters: Counters | None = None,
    ) -> None:
        """Start with nothing counted."""
        self.guard = guard
        self.proxies = proxies
        self.caps = caps or Caps()
        self.shakes = shakes
        self._registry = registry
        self._log_is_full = log_is_full
        self._waiting: Holding | None = None
        self._shaking: dict[Session, None] = {}
        self._sessions: Total = LocalTotal()
        self._handshakes: Total = LocalTotal()
        self._sources: Sources = LocalSources()
        if counters is not None:
            from catflap.relay.shared_sources import SharedSources
            from catflap.relay.totals import SharedTotal

            self._sessions = SharedTotal(counters, f"sessions:{name}")
            self._handshakes = SharedTotal(counters, f"handshakes:{name}")
            self._sources = SharedSources(counters, name)

    @property
    def is_full(self) -> bool:
        """Whether no more sessions may begin."""
        most = self.caps.sessions
        return self._registry.full or (bool(most) and self._sessions.is_full(most or 0))

    def enter(self, peer: Peer) -> Decision:
        """Decide about a connection that was just accepted, and count it when it may come.

        The session that begins next takes over what was counted (:meth:`begin`); what none takes
        over is given back at the next connection.
        """
        if self._waiting is not None:
            self._give_back(self._waiting)
            self._waiting = None
        if self._log_is_full():
            return _NO_LOG
        if self.is_full:
            return _NO_ROOM
        proxies = self.proxies
        decision = proxies.admit(peer) if proxies is not None else self.enter_behind(peer)
        if not decision.allowed:
            return decision
        return self._count(peer) or decision

    def enter_behind(self, peer: Peer, session: Session | None = None) -> Decision:
        """Decide about the source that a connection really comes from, behind a proxy or not.

        Args:
            peer: the source.
            session: that of a proxy which has said whom it speaks for, to be counted for that
                one; when it speaks for itself it is not.
        """
        guard = self.guard
        decision = guard.admit(peer, clock.now() if guard.is_timed else 0.0)
        if session is None or not decision.allowed or not session.via:
            return decision
        caps = self.caps.of(peer)
        holding = session.holding
        if holding is None or not caps.any:
            return decision
        refused, holding.source = self._enter_source(peer, caps, shakes=holding.shakes)
        return refused or decision

    def _count(self, peer: Peer) -> Decision | None:
        """Count a newcomer; return the decision of the limit that it does not pass."""
        caps = self.caps
        source = None
        if self.shakes and self._handshakes.is_full(caps.handshakes) and not self._make_way():
            return _NO_HANDSHAKE
        if self.proxies is None:
            of_source = caps.of(peer)
            if of_source.any:
                refused, source = self._enter_source(peer, of_source, shakes=self.shakes)
                if refused is not None:
                    return refused
        holding = (
            Holding(shakes=self.shakes, source=source)
            if self.shakes or source is not None
            else _PLAIN
        )
        if not self._sessions.take(caps.sessions or 0):
            self._give_back_source(holding)
            return _NO_ROOM
        if self.shakes and not self._handshakes.take(caps.handshakes):
            self._sessions.give()
            self._give_back_source(holding)
            return _NO_HANDSHAKE
        self._waiting = holding
        return None

    def _enter_source(
        self, peer: Peer, caps: SourceCaps, *, shakes: bool
    ) -> tuple[Decision | None, object]:
        key = source_key(peer)
        if key is None:
            return None, None
        rule, handle, seconds = self._sources.enter(key, caps, clock.monotonic(), shakes=shakes)
        return (refusal(rule, caps, peer, seconds) if rule else None), handle

    def _make_way(self) -> bool:
        """End the oldest handshake, if it has taken long; return whether that made room."""
        oldest = next(iter(self._shaking), None)
        if oldest is None or clock.monotonic() - oldest.started < _GIVES_WAY_AFTER:
            return False
        self._shaken(oldest)
        oldest.give_way(_GAVE_WAY)
        return True

    def begin(self, session: Session) -> None:
        """Hear that a session begins: what was counted at the door is its own now."""
        session.holding, self._waiting = self._waiting, None
        if session.holding is not None and session.holding.shakes:
            self._shaking[session] = None

    def authorise(self, session: Session) -> Decision:
        """Decide about a session whose peer has proved what it can; its handshake is over."""
        identity = session.identity
        if session.holding is not None and session.holding.shakes:
            self._shaken(session)
        decision = self._authorise(identity, clock.now())
        if decision.allowed and self.caps.identity:
            return self._count_identity(session, self.caps.identity) or decision
        return decision

    def _count_identity(self, session: Session, most: int) -> Decision | None:
        holding, name = session.holding, best_name(session.identity)
        if holding is None or not name or holding.identity is not None:
            return None
        key, caps = b"i" + name.encode(), SourceCaps(sessions=most)
        rule, handle, _ = self._sources.enter(key, caps, clock.monotonic(), shakes=False)
        if rule:
            told = excerpt(name, LONGEST_TOLD)
            return Decision(
                allowed=False,
                rule="too-many-of-identity",
                reason=f"{told} has {most} sessions, as many as one identity may",
                mend=f"a per-identity above {most}",
            )
        if holding is _PLAIN:
            holding = session.holding = Holding()
        holding.identity = handle
        return None

    def _authorise(self, identity: Identity, now: float) -> Decision:
        guard = self.guard
        groups: tuple[int, ...] = ()
        if identity.credentials is not None and guard.asks_groups:
            groups = groups_of(identity.credentials)
        return guard.authorise(identity, now, groups)

    def judge_again(self, session: Session, *, keeps_expired: bool = False) -> Decision:
        """Decide about a live session once more, after policy, trust or time has changed.

        Args:
            session: which one; it stays counted as it is.
            keeps_expired: judge its certificate as of its last moment, when that has passed.
        """
        now = clock.now()
        decision = self._came_by_trusted(session)
        if decision.allowed:
            decision = self.guard.admit(session.peer, now)
        if not decision.allowed:
            return decision
        certificate = session.identity.certificate
        if keeps_expired and certificate is not None:
            now = min(now, certificate.not_after)
        return self._authorise(session.identity, now)

    def _came_by_trusted(self, session: Session) -> Decision:
        """Decide whether who spoke for a peer may still do so, or whether it still need not."""
        carrier = session.carrier
        if self.proxies is not None:
            return self.proxies.admit(carrier or session.peer)
        if carrier is None:
            return _DIRECT
        return Decision(
            allowed=False,
            rule="proxy-from",
            reason=f"{carrier.shown_host} is trusted no more to speak for others",
            mend=f"proxy-from={carrier.shown_host}",
        )

    def take_over(self, other: Admission) -> None:
        """Decide from now on as another one would; what was counted stays."""
        self.guard = other.guard
        self.proxies = other.proxies
        self.caps = other.caps
        self.shakes = other.shakes
        for session in tuple(self._registry):
            if session.holding is not None and session.bridging.admission is self:
                self._count_known(session, session.holding)

    def _count_known(self, session: Session, holding: Holding) -> None:
        """Count a session that lives for limits that did not hold when it came; it may stay."""
        if self.caps.identity:
            self._count_identity(session, 0)
            holding = session.holding or holding
        key = source_key(session.peer) if self.caps.of(session.peer).any else None
        if key is None or holding.source is not None:
            return
        if self.proxies is not None and not session.via:
            return  # for whom the proxy speaks is not known yet
        if holding is _PLAIN:
            holding = session.holding = Holding()
        shakes, now = holding.shakes, clock.monotonic()
        holding.source = self._sources.enter(key, SourceCaps(), now, shakes=shakes).handle

    def offend(self, session: Session, rule: str) -> None:
        """Hear why a peer was turned away: its source may have to pay for it."""
        holding, seconds = session.holding, OFFENCES.get(rule, 0.0)
        if holding is None or holding.source is None or not seconds:
            return
        if self.caps.of(session.peer).penalties:
            self._sources.offend(holding.source, clock.monotonic(), seconds)

    def leave(self, session: Session) -> None:
        """Hear that a session which was let in is over."""
        holding = session.holding
        if holding is None:
            return
        if holding.shakes:
            self._shaken(session)
        session.holding = None
        self._give_back(holding)

    def _shaken(self, session: Session) -> None:
        self._shaking.pop(session, None)
        if session.holding is not None:
            self._give_back_handshake(session.holding)

    def _give_back_handshake(self, holding: Holding) -> None:
        if holding.shakes:
            holding.shakes = False
            self._handshakes.give()
            if holding.source is not None:
                self._sources.shaken(holding.source)

    def _give_back(self, holding: Holding) -> None:
        self._give_back_handshake(holding)
        self._sessions.give()
        for handle in (holding.source, holding.identity):
            if handle is not None:
                self._sources.leave(handle)

    def _give_back_source(self, holding: Holding) -> None:
        if holding.source is not None:
            if holding.shakes:
                self._sources.shaken(holding.source)
            self._sources.leave(holding.source)


def identity_of(peer: Peer) -> Identity:
    """Return what a peer has proved before any handshake."""
    return Identity(credentials=peer.credentials)
