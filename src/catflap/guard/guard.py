"""The two questions a session is asked: where do you come from, and who are you."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.policy import IdentityKind, Policy
from catflap.core.nouns import Decision
from catflap.core.spans import excerpt
from catflap.guard.hours import is_open
from catflap.guard.identities import IdentityIndex, admitting_entry, best_name
from catflap.guard.networks import NetworkIndex, address_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catflap.address.networks import NetworkRule
    from catflap.core.nouns import Identity, Peer

__all__ = ("LONGEST_TOLD", "Guard")

_ANY_SOURCE = Decision(allowed=True, rule="any-source")
_ANONYMOUS = Decision(allowed=True, rule="anonymous")
_LOW_PORTS = 1024
LONGEST_TOLD = 300
"""Characters of a name that somebody else chose, in what is told of him."""


class Guard:
    """Decides by transport address, then by what the handshake proved. It keeps no state.

    Args:
        networks: of the address; first match decides, no match is a no; ``None`` is no list.
        source_port: the one port that peers may come from, 0 for any.
        low_port: whether peers must come from a port below 1024.
        demands_certificate: whether a peer without a verified certificate is refused.
        wrap: decides by tables that are kept elsewhere; it must admit as well.
        policy: what was said besides; both lists of networks must admit. Users and groups in it
            are numbers.
    """

    __slots__ = (
        "_asks_source",
        "_identities",
        "_networks",
        "_wrap",
        "demands_certificate",
        "low_port",
        "policy",
        "source_port",
    )

    def __init__(  # noqa: PLR0913 - one argument a question that is asked
        self,
        networks: tuple[NetworkRule, ...] | None = None,
        *,
        source_port: int = 0,
        low_port: bool = False,
        demands_certificate: bool = False,
        wrap: Callable[[Peer], Decision] | None = None,
        policy: Policy | None = None,
    ) -> None:
        """Index the lists."""
        self.source_port = source_port
        self.low_port = low_port
        self.demands_certificate = demands_certificate
        self.policy = policy or Policy()
        lists = ((networks, "range"), (self.policy.networks, "allow"))
        self._networks = tuple(
            NetworkIndex(rules, name) for rules, name in lists if rules is not None
        )
        listed = self.policy.identities
        self._identities = IdentityIndex(listed) if listed is not None else None
        self._wrap = wrap
        self._asks_source = bool(
            self._networks or source_port or low_port or self.is_timed or wrap is not None
        )

    @property
    def asks_source(self) -> bool:
        """Whether it matters where a peer comes from, or when."""
        return self._asks_source

    @property
    def asks_groups(self) -> bool:
        """Whether the groups of a UNIX peer matter."""
        listed = self.policy.identities or ()
        return any(pattern.kind is IdentityKind.GROUP for pattern in listed)

    @property
    def is_timed(self) -> bool:
        """Whether hours or dates are part of the policy."""
        policy = self.policy
        return not (policy.hours is None and policy.not_before is None and policy.not_after is None)

    def admit(self, peer: Peer, now: float = 0.0) -> Decision:
        """Decide by where the peer comes from, and when.

        Args:
            peer: its transport address, the real one behind a trusted proxy.
            now: seconds since the epoch; needed when the guard is timed.
        """
        if not self._asks_source:
            return _ANY_SOURCE
        denial = self._by_time(now) or self._by_port(peer)
        if denial is not None:
            return denial
        decision = _ANY_SOURCE
        for index in self._networks:
            decision = _by_network(peer, index)
            if not decision.allowed:
                return decision
        return decision if self._wrap is None else self._wrap(peer)

    def _by_time(self, now: float) -> Decision | None:
        policy = self.policy
        if policy.not_before is not None and now < policy.not_before:
            return Decision(
                allowed=False,
                rule="not-yet-open",
                reason="this bridge opens later",
                mend="an earlier not-before",
            )
        if policy.not_after is not None and now > policy.not_after:
            return Decision(
                allowed=False,
                rule="no-longer-open",
                reason="this bridge was open until a day that has passed",
                mend="a later not-after",
            )
        if policy.hours is not None and not is_open(policy.hours, now):
            listed = ", ".join(stretch.text for stretch in policy.hours) or "never"
            return Decision(
                allowed=False,
                rule="hours",
                reason=f"it is open {listed}",
                mend="a stretch in hours that holds this time",
            )
        return None

    def _by_port(self, peer: Peer) -> Decision | None:
        if self.source_port and peer.port != self.source_port:
            return Decision(
                allowed=False,
                rule="sourceport",
                reason=f"port {peer.port} is not {self.source_port}",
                mend=f"sourceport={peer.port}",
            )
        if self.low_port and not 0 < peer.port < _LOW_PORTS:
            return Decision(
                allowed=False,
                rule="lowport",
                reason=f"port {peer.port} is not below 1024",
                mend="remove lowport",
            )
        return None

    def authorise(self, identity: Identity, now: float, groups: Iterable[int] = ()) -> Decision:
        """Decide by what the peer proved.

        Args:
            identity: the leaf certificate whose key did the handshake, or that the session
                carries which it resumed; of a UNIX peer its credentials.
            now: seconds since the epoch.
            groups: further groups of a UNIX peer.
        """
        certificate = identity.certificate
        if certificate is None:
            if self.demands_certificate:
                return Decision(
                    allowed=False,
                    rule="client-certificate-missing",
                    reason="the client presented no certificate",
                    mend="the client gives one by cert=FILE",
                )
        elif now > certificate.not_after:
            return Decision(
                allowed=False,
                rule="certificate-expired",
                reason="the certificate has expired",
                mend="renew it",
            )
        elif now < certificate.not_before:
            return Decision(
                allowed=False,
                rule="certificate-not-yet-valid",
                reason="the certificate is not yet valid",
                mend="set the clock that is wrong, or wait",
            )
        if self._identities is not None:
            return _by_identity(identity, self._identities, groups)
        if certificate is None:
            return _ANONYMOUS
        return Decision(allowed=True, rule="client-certificate", reason=certificate.subject)


def _by_network(peer: Peer, index: NetworkIndex) -> Decision:
    name = index.name
    number, host = address_number(peer.host), peer.shown_host
    if number is None:
        return Decision(
            allowed=False,
            rule=name,
            reason="the source address cannot be read",
            mend=f"remove {name}, or listen on an internet address",
        )
    found = index.find(*number)
    if found is None:
        return Decision(
            allowed=False,
            rule=name,
            reason=f"{host} is in no network of the list",
            mend=f"add {host} to {name}",
        )
    if found.denies:
        return Decision(
            allowed=False,
            rule=name,
            reason=f"{host} is in {found.text}",
            mend=f"put {host} before {found.text} in {name}",
            entry=found.text,
        )
    return Decision(allowed=True, rule=name, reason=f"in {found.text}", entry=found.text)


def _by_identity(identity: Identity, index: IdentityIndex, groups: Iterable[int]) -> Decision:
    found = index.find(identity, groups)
    if found is not None and not found.denies:
        return Decision(
            allowed=True, rule="identities", reason=f"matches {found.text}", entry=found.text
        )
    # What a certificate says may be as long as a handshake, and stands in every line of the log.
    entry = excerpt(admitting_entry(identity), LONGEST_TOLD)
    if found is None:
        shown = str(identity) if best_name(identity) else "whoever proves nothing"
        return Decision(
            allowed=False,
            rule="identities",
            reason=f"{shown} is not in the list",
            mend=f"add '{entry}' to identities" if entry else "a client certificate",
        )
    return Decision(
        allowed=False,
        rule="identities",
        reason=f"{identity} matches {found.text}",
        mend=f"put '{entry}' before '{found.text}' in identities",
        entry=found.text,
    )
