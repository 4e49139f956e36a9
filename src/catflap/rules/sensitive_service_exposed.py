"""A database, an agent or a bus stands behind an open door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.assets import Asset, worst_ways
from catflap.rules.exposure import Access, Reach
from catflap.rules.guarding import listener_notes
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell, tls_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding
    from catflap.rules.assets import Thing
    from catflap.rules.exposure import Way

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side, thing, way in worst_ways(bridge, Asset.SERVICE, Asset.AGENT):
        severity = _severity(thing, way)
        if severity is None:
            continue
        network = way.access is Access.NETWORK
        whom = "the network" if network else "every user and process of this host"
        proof = "no certificate is asked for" if network else "its permissions no longer count"
        yield tell(
            "sensitive-service-exposed",
            severity,
            side,
            f"{thing.name} is open to {whom} through {label(way.side)}, where {proof}",
            mend=f"{tls_spelling(way.side)} in the place of {label(way.side)}"
            if network
            else "a UNIX-LISTEN of your own (mode 0600 is the default)",
            notes=listener_notes(bridge, way.side) if network and way.side.listens else (),
            confidence=min(thing.confidence, way.confidence),
        )


def _severity(thing: Thing, way: Way) -> Severity | None:
    """Grade the network as plaintext-exposed does; an agent on loopback lends another's keys."""
    if way.access is Access.NETWORK:
        return Severity.HIGH if way.reach is Reach.EVERYWHERE else Severity.MEDIUM
    if way.access is Access.LOCAL and thing.asset is Asset.AGENT:
        return Severity.HIGH
    return None


RULE = Rule(
    slug="sensitive-service-exposed",
    title="A database, an agent or a bus is open to others",
    worst=Severity.HIGH,
    cwe=668,
    bad="catflap run TCP-LISTEN:6379,bind=0.0.0.0 UNIX:/run/redis/redis.sock",
    good="catflap run TCP-LISTEN:6379 UNIX:/run/redis/redis.sock",
    attacker="Reads and writes the data, uses the keys of the agent, or watches the display; such "
    "services trust whoever reaches them.",
    mend="Keep it on loopback or a UNIX socket, or use TLS-LISTEN, cert=, cafile=.",
    check=_check,
    good_sentence="Databases, agents and buses are reached from this host, or by proof.",
    fixable="unsafe",
)
