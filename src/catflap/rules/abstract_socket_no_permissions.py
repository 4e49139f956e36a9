"""An abstract socket has no permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Transport
from catflap.findings.finding import Severity
from catflap.rules.assets import Asset, thing_at
from catflap.rules.exposure import far_sides
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Low, as a loopback port is as open; worse things behind it are told elsewhere."""
    del facts
    for side in bridge.listeners:
        if side.kind.transport is not Transport.ABSTRACT:
            continue
        things = (thing_at(far) for far in far_sides(bridge, side))
        if any(thing is not None and thing.asset is not Asset.SERVICE for thing in things):
            continue
        yield tell(
            "abstract-socket-no-permissions",
            Severity.LOW,
            side,
            f"{label(side)} has no permissions: whatever shares the network namespace connects",
            mend="UNIX-LISTEN:PATH, which only you can connect to",
        )


RULE = Rule(
    slug="abstract-socket-no-permissions",
    title="An abstract socket has no permissions",
    worst=Severity.LOW,
    cwe=862,
    bad="catflap run ABSTRACT-LISTEN:app TCP:127.0.0.1:9000",
    good="catflap run UNIX-LISTEN:/run/app.sock TCP:127.0.0.1:9000",
    attacker="Connects from any process, also from a container that shares the host's network, or "
    "takes the name first.",
    mend="Use UNIX-LISTEN with a path in a directory of your own.",
    check=_check,
    good_sentence="The socket has a path, and so an owner and a mode.",
    fixable="unsafe",
)
