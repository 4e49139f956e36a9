"""A port that only root may open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.core.units import parse_integer
from catflap.findings.finding import Severity
from catflap.rules.exposure import Reach, exposure_of, proves_peers
from catflap.rules.rule import Rule
from catflap.rules.runs_as_root import gives_up_root, is_root
from catflap.rules.telling import label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "privileged-port"
_FIRST_FREE = 1024  # ip_unprivileged_port_start, ip(7)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Keep quiet where something worse is told, and in containers, which may open such ports."""
    where = bridge.surroundings
    told = is_root(bridge, facts) or gives_up_root(bridge)
    if told or where.is_root is False or where.container:
        return
    if facts.uid or "NET_BIND_SERVICE" in where.capabilities:
        return
    for side in bridge.listeners:
        if side.dialect is Dialect.CATFLAP or not side.is_internet or not _is_privileged(side):
            continue
        if exposure_of(side).reach is Reach.HOST or proves_peers(side):
            yield tell(
                _SLUG,
                Severity.INFO,
                side,
                f"{label(side)} is a port that only root may open, so it is started as root",
                mend="a port from 1024 on, or su=USER once the port is open",
            )


def _is_privileged(side: Side) -> bool:
    try:
        return 0 < parse_integer(side.port.value) < _FIRST_FREE
    except ValueError:
        return False


RULE = Rule(
    slug=_SLUG,
    title="A listener needs root for its port and keeps it",
    worst=Severity.INFO,
    cwe=250,
    bad="socat TCP-LISTEN:80,bind=127.0.0.1,fork TCP:127.0.0.1:9000",
    good="socat TCP-LISTEN:80,bind=127.0.0.1,fork,su=nobody TCP:127.0.0.1:9000",
    attacker="Turns a flaw in the relay into the whole host, as nothing makes it give up root.",
    mend="Use a port from 1024 on, give su=USER, or let systemd open the port.",
    check=_check,
    good_sentence="A listener on a port below 1024 gives up root once the port is open.",
    fixable="unsafe",
)
