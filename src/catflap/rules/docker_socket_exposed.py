"""A container runtime's socket, which is equal to root, stands behind an open door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.assets import Asset, worst_ways
from catflap.rules.exposure import Access
from catflap.rules.guarding import listener_notes
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_GRADES = {
    Access.NETWORK: (Severity.CRITICAL, "whoever on the network asks becomes root here"),
    Access.LOCAL: (Severity.HIGH, "every user and process of this host becomes root"),
    Access.PROVEN: (Severity.LOW, "every certificate of the CA is as good as root"),
}


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side, thing, way in worst_ways(bridge, Asset.RUNTIME):
        grade = _GRADES.get(way.access)
        if grade is None:
            continue
        severity, result = grade
        network = way.access is Access.NETWORK
        yield tell(
            "docker-socket-exposed",
            severity,
            side,
            f"{thing.name}'s socket is open through {label(way.side)}: {result}",
            mend="ssh -L or DOCKER_HOST=ssh://USER@HOST, or a proxy that passes the few requests "
            "needed"
            if network
            else "a UNIX-LISTEN of your own (mode 0600 is the default), or use the socket itself",
            notes=listener_notes(bridge, way.side) if network and way.side.listens else (),
            confidence=min(thing.confidence, way.confidence),
        )


RULE = Rule(
    slug="docker-socket-exposed",
    title="A container runtime's socket, equal to root, is open to others",
    worst=Severity.CRITICAL,
    cwe=306,
    bad="catflap run TCP-LISTEN:2375,bind=0.0.0.0 UNIX:/var/run/docker.sock",
    good="catflap run UNIX-LISTEN:/home/me/docker.sock UNIX:/var/run/docker.sock",
    attacker="Starts a container that mounts the host's disk, and is root. Port 2375 is scanned "
    "for all day long.",
    mend="Reach the runtime over ssh, or let a filtering proxy pass the few requests needed.",
    check=_check,
    good_sentence="The container runtime's socket stays with its owner.",
    fixable="unsafe",
)
