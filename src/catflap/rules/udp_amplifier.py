"""A listener that answers packets whose sender anybody can forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Direction, Role, Transport
from catflap.bridge.model import Flow
from catflap.findings.finding import Severity
from catflap.rules.exposure import Reach, exposed_listeners, far_sides
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "udp-amplifier"
_UNPROVEN = frozenset({Transport.UDP, Transport.UDPLITE})


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Judge by whether it answers: DTLS proves its peer first, -u and UDP-RECV answer nobody."""
    del facts
    if bridge.flow is not Flow.BOTH:
        return
    for side, exposure in exposed_listeners(bridge):
        kind = side.kind
        if kind.transport not in _UNPROVEN or kind.direction is not Direction.BOTH:
            continue
        answers = any(_answers(each) for each in far_sides(bridge, side))
        if exposure.reach is not Reach.EVERYWHERE or not answers or _keeps_one(side):
            continue
        yield tell(
            _SLUG,
            Severity.LOW,
            side,
            f"{label(side)} answers packets whose sender anybody can forge",
            mend="range=NETWORK of its clients, or OPENSSL-DTLS-SERVER, which proves who asks",
            confidence=exposure.confidence,
        )


def _answers(far: Side) -> bool:
    """Whether what a packet asks has an answer: a service, a program, an echo."""
    kind = far.kind
    if kind.direction is Direction.WRITE:
        return False
    echo = kind.name == "PIPE" and not far.address.parameters
    return echo or kind.role in {Role.CONNECT, Role.DATAGRAM, Role.PROGRAM}


def _keeps_one(side: Side) -> bool:
    """Whether it talks to one peer only, and then ends."""
    return side.kind.role is Role.LISTEN and not side.flag("fork").value


RULE = Rule(
    slug=_SLUG,
    title="A listener answers packets whose sender anybody can forge",
    worst=Severity.LOW,
    cwe=406,
    bad="socat UDP-LISTEN:53,fork UDP:127.0.0.1:5353",
    good="socat UDP-LISTEN:53,bind=127.0.0.1,fork UDP:127.0.0.1:5353",
    attacker="Sends small packets in a victim's name; the larger answers go to the victim.",
    mend="Give range= the networks of its clients, or bind=127.0.0.1.",
    check=_check,
    good_sentence="UDP is answered only where its senders are known.",
    fixable="unsafe",
)
