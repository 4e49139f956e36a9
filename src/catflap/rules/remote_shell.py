"""A shell or an interpreter takes commands from whoever connects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import printable
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
    Access.NETWORK: (Severity.CRITICAL, "to whoever on the network asks"),
    Access.LOCAL: (Severity.HIGH, "to every user and process of this host"),
    Access.PROVEN: (Severity.LOW, "to everybody with a certificate of the CA"),
}


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side, thing, way in worst_ways(bridge, Asset.SHELL):
        grade = _GRADES.get(way.access)
        if grade is None:
            continue
        severity, whom = grade
        door = label(way.side)
        network = way.access is Access.NETWORK
        notes = listener_notes(bridge, way.side) if network and way.side.listens else ()
        yield tell(
            "remote-shell",
            severity,
            side,
            f"{printable(thing.name)} takes commands from {door}: "
            f"it gives this user's shell {whom}",
            mend="EXEC:PROGRAM that does the one thing needed; for a shell use ssh"
            if network
            else "a UNIX-LISTEN of your own, or EXEC:PROGRAM that does the one thing needed",
            notes=notes,
            confidence=min(thing.confidence, way.confidence),
        )


RULE = Rule(
    slug="remote-shell",
    title="A shell takes commands from whoever connects",
    worst=Severity.CRITICAL,
    cwe=749,
    bad="catflap run TCP-LISTEN:4444,bind=0.0.0.0 EXEC:/bin/bash,pty,stderr",
    good="catflap run TCP-LISTEN:4444 EXEC:./handler",
    attacker="Runs any command as this user. Port scanners find such a port within minutes, and "
    "any web page or user of the host finds one on loopback.",
    mend="Run a named program that does one thing. For a remote shell, ssh knows who asks.",
    check=_check,
    good_sentence="Peers reach a program that does one thing, and a shell only by ssh.",
    fixable="what the shell was for is not known",
)
