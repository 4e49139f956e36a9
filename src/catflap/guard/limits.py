"""How much one source may ask for, and how long it is kept out when it misbehaves.

Pure: what is known of a source and the time come in, a rule and what is known now go out. Who
keeps it, and for how long, is the relay's business.

Penalties follow the idea of OpenSSH's PerSourcePenalties (sshd_config(5)): each offence costs
seconds, seconds fade as they pass, and only a source that owes enough of them is kept out. Here
a source that was kept out before pays double the next time, and double again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from catflap.core.nouns import Decision
from catflap.guard.networks import address_number

if TYPE_CHECKING:
    from catflap.bridge.limits import Limits
    from catflap.core.nouns import Peer

__all__ = (
    "FRESH",
    "OFFENCES",
    "Caps",
    "SourceCaps",
    "Standing",
    "caps_of",
    "is_this_host",
    "judge_source",
    "offend",
    "refusal",
    "source_key",
    "source_text",
)

PER_SOURCE = 256
HANDSHAKES = 4096
HANDSHAKES_PER_SOURCE = 64
RATE = 100.0

_LEAST_OWED = 12.0
_MOST_OWED = 600.0
_FORGOTTEN_AFTER = 600.0
_MOST_STRIKES = 6

OFFENCES: dict[str, float] = {
    "handshake-timeout": 10.0,
    "not-tls": 5.0,
    "handshake-failed": 5.0,
    "client-certificate-missing": 5.0,
    "certificate-expired": 5.0,
    "certificate-not-yet-valid": 5.0,
    "certificate-revoked": 5.0,
    "certificate-untrusted": 5.0,
    "certificate-self-signed": 5.0,
    "certificate-wrong-name": 5.0,
    "certificate-wrong-purpose": 5.0,
    "certificate-not-accepted": 5.0,
    "identities": 5.0,
    "handshake-aborted": 2.0,
    "tls-protocol-version": 2.0,
    "tls-no-shared-cipher": 2.0,
    "tls-no-shared-group": 2.0,
    "peer-rejected": 1.0,
}
"""Seconds that each way of failing costs. What is refused by address alone costs us nothing
and the source neither; nor does what is no fault of the peer's, such as the hour."""


@dataclass(frozen=True, slots=True)
class SourceCaps:
    """What one source may use; 0 is no limit.

    Args:
        sessions: at once.
        handshakes: at once.
        rate: new connections a second.
        burst: how many may come before ``rate`` counts.
        penalties: whether offences keep it out.
        any: whether anything has to be known about a source.
    """

    sessions: int = 0
    handshakes: int = 0
    rate: float = 0.0
    burst: int = 1
    penalties: bool = False
    any: bool = field(init=False)

    def __post_init__(self) -> None:
        """Say once what every newcomer would have to ask."""
        asked = bool(self.sessions or self.handshakes or self.rate or self.penalties)
        object.__setattr__(self, "any", asked)


@dataclass(frozen=True, slots=True)
class Caps:
    """What a bridge may use; 0 is no limit.

    Args:
        sessions: at once; ``None`` is what the limit of open files allows.
        handshakes: at once.
        identity: sessions at once of one proven identity.
        here: what a source on this host may use.
        elsewhere: what any other source may use.
    """

    sessions: int | None = None
    handshakes: int = 0
    identity: int = 0
    here: SourceCaps = SourceCaps()
    elsewhere: SourceCaps = SourceCaps()

    def of(self, peer: Peer) -> SourceCaps:
        """Return what holds for a peer."""
        return self.here if is_this_host(peer.host) else self.elsewhere


def caps_of(limits: Limits, *, safe: bool) -> Caps:
    """Return the limits with their defaults.

    Args:
        limits: as they were said.
        safe: whether what nobody said is finite; in the socat dialect it is none.
    """

    def pick(said: float | None, default: float, *, here: bool) -> float:
        if said is not None:
            return said
        return 0 if here or not safe else default

    def source(*, here: bool) -> SourceCaps:
        rate = float(pick(limits.rate, RATE, here=here))
        burst = limits.burst if limits.burst is not None else rate * 2
        return SourceCaps(
            sessions=int(pick(limits.per_source, PER_SOURCE, here=here)),
            handshakes=int(pick(limits.handshakes_per_source, HANDSHAKES_PER_SOURCE, here=here)),
            rate=rate,
            burst=max(1, int(burst)),
            penalties=bool(pick(limits.penalties, default=1, here=here)),
        )

    return Caps(
        sessions=limits.sessions,
        handshakes=int(pick(limits.handshakes, HANDSHAKES, here=False)),
        identity=limits.per_identity,
        here=source(here=True),
        elsewhere=source(here=False),
    )


def is_this_host(host: str) -> bool:
    """Whether a peer comes over loopback or a UNIX socket.

    Behind one such address there is often somebody who speaks for many: a proxy, a tunnel.
    """
    return host.startswith(("127.", "::ffff:127.")) or host == "::1" or host in {"unix", "socket"}


def source_key(peer: Peer) -> bytes | None:
    """Return what counts as one source: an IPv4 address, an IPv6 /64, a UNIX user.

    ``None`` is a peer without any of them.
    """
    if peer.credentials is not None:
        return b"u" + peer.credentials.uid.to_bytes(4)
    number = address_number(peer.host)
    if number is None:
        return None
    bits, value = number
    return value.to_bytes(4) if bits == 32 else (value >> 64).to_bytes(8)


def source_text(peer: Peer) -> str:
    """Return a source for people: ``10.1.2.3``, ``2001:db8:0:1::/64``, ``uid 1000``."""
    if peer.credentials is not None:
        return f"uid {peer.credentials.uid}"
    number = address_number(peer.host)
    if number is None or number[0] == 32:
        return peer.host.removeprefix("::ffff:")
    from ipaddress import IPv6Address

    return f"{IPv6Address(number[1] >> 64 << 64)}/64"


class Standing(NamedTuple):
    """What is known of a source besides what it has open.

    Times are seconds of a clock that never runs backwards.

    Args:
        tokens: connections that it may begin, at ``stamp``.
        stamp: when they were counted.
        owed_until: when all that it owes will have faded.
        barred_until: until when it is kept out.
        strikes: how often it was kept out already.
    """

    tokens: float
    stamp: float
    owed_until: float
    barred_until: float
    strikes: float

    def is_clean(self, now: float, caps: SourceCaps) -> bool:
        """Whether nothing would be lost by forgetting it."""
        full = not caps.rate or self.tokens + (now - self.stamp) * caps.rate >= caps.burst
        patience = _FORGOTTEN_AFTER if self.strikes else 0.0
        return full and now >= self.owed_until + patience


FRESH = Standing(0.0, -1e18, -1e18, -1e18, 0.0)
"""A source never seen: its bucket is full, for it has filled since long ago."""


def judge_source(
    standing: Standing, caps: SourceCaps, now: float, sessions: int, handshakes: int
) -> tuple[str, Standing]:
    """Return the rule that refuses a newcomer, or nothing, and what is known then.

    A refused attempt costs no token and no penalty: who only tries again gets in when it is time.

    Args:
        standing: of its source.
        caps: of its source.
        now: seconds of the clock.
        sessions: that the source has open.
        handshakes: that it has in flight; -1 where this connection needs none.
    """
    if caps.penalties and standing.barred_until > now:
        return "penalised", standing
    if caps.sessions and sessions >= caps.sessions:
        return "too-many-from-source", standing
    if caps.handshakes and handshakes >= caps.handshakes:
        return "too-many-handshakes-from-source", standing
    if caps.rate:
        tokens = min(caps.burst, standing.tokens + (now - standing.stamp) * caps.rate)
        if tokens < 1:
            return "connects-too-fast", standing
        standing = standing._replace(tokens=tokens - 1, stamp=now)
    return "", standing


def offend(standing: Standing, now: float, seconds: float) -> Standing:
    """Return what is known of a source after an offence.

    Args:
        standing: before it.
        now: seconds of the clock.
        seconds: what it costs who was never kept out.
    """
    strikes = standing.strikes
    if now > standing.owed_until + _FORGOTTEN_AFTER:
        strikes = 0.0
    owed = min(max(standing.owed_until - now, 0.0) + seconds * 2.0**strikes, _MOST_OWED)
    barred = standing.barred_until
    if barred > now:
        barred = now + owed
    elif owed >= _LEAST_OWED:
        barred = now + owed
        strikes = min(strikes + 1, _MOST_STRIKES)
    return standing._replace(owed_until=now + owed, barred_until=barred, strikes=strikes)


def refusal(rule: str, caps: SourceCaps, peer: Peer, seconds: float = 0.0) -> Decision:
    """Return the words for a refusal of a source.

    Args:
        rule: as :func:`judge_source` told it.
        caps: of the source.
        peer: who comes from there.
        seconds: for how long it is still kept out.
    """
    source = source_text(peer)
    if rule == "penalised":
        reason = f"{source} misbehaved, and is kept out for another {seconds:.0f} s"
        mend = "mend what fails there, or wait; penalties = false forgives it"
    elif rule == "too-many-from-source":
        reason = f"{source} has {caps.sessions} sessions, as many as one source may"
        mend = f"a per-source above {caps.sessions}"
    elif rule == "too-many-handshakes-from-source":
        reason = f"{source} has {caps.handshakes} handshakes in flight, as many as one source may"
        mend = f"a handshakes-per-source above {caps.handshakes}"
    elif rule == "too-many-sources":
        reason = "more sources have sessions than can be remembered"
        mend = "fewer sources, by allow"
    else:
        reason = f"{source} connects more than {caps.rate:g} times a second"
        mend = f"a rate above {caps.rate:g}, or a burst above {caps.burst}"
    return Decision(allowed=False, rule=rule, reason=reason, mend=mend)
