"""Every user of the host may connect to a UNIX listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Transport
from catflap.findings.finding import Severity
from catflap.rules.assets import Asset, thing_at
from catflap.rules.exposure import far_sides, is_world_connectable
from catflap.rules.rule import Rule
from catflap.rules.telling import label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """A loopback port is as open; so it is low, and worse things behind it are told elsewhere."""
    del facts
    for side in bridge.listeners:
        if side.kind.transport is not Transport.UNIX or not is_world_connectable(side):
            continue
        things = (thing_at(far) for far in far_sides(bridge, side))
        if any(thing is not None and thing.asset is not Asset.SERVICE for thing in things):
            continue
        yield tell(
            "unix-socket-world-accessible",
            Severity.LOW,
            side,
            f"{label(side)} lets every user of this host connect",
            span=place(side, "perm-late", "perm", "perm-early", "umask"),
            mend="mode=0660 and group=GROUP, or no mode= at all: then it is yours alone",
        )


RULE = Rule(
    slug="unix-socket-world-accessible",
    title="Every user of the host may connect to a UNIX listener",
    worst=Severity.LOW,
    cwe=732,
    bad="catflap run UNIX-LISTEN:/run/app.sock,mode=0666 TCP:127.0.0.1:9000",
    good="catflap run UNIX-LISTEN:/run/app.sock,mode=0660,group=app TCP:127.0.0.1:9000",
    attacker="Any process of the host, however little it may do, talks to what is behind.",
    mend="Give the socket to a group: mode=0660,group=GROUP.",
    check=_check,
    good_sentence="The UNIX socket is open to its user, or to one group.",
    fixable="unsafe",
)
