"""A device of this host is open to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.findings.finding import Severity
from catflap.rules.assets import Asset, worst_ways
from catflap.rules.exposure import Access, Reach
from catflap.rules.guarding import listener_notes
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell, tls_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding
    from catflap.rules.exposure import Way

__all__ = ("RULE",)

_SLUG = "ptys-and-devices-exposed"
_WORLD = 0o006  # read or write by others: a terminal is read and typed into


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side, thing, way in worst_ways(bridge, Asset.DEVICE):
        if not way.side.listens or way.access not in {Access.NETWORK, Access.LOCAL}:
            continue
        network = way.access is Access.NETWORK
        whom = "the network" if network else "every user and process of this host"
        yield tell(
            _SLUG,
            _severity(way),
            side,
            f"{printable(thing.name)} is open to {whom} through {label(way.side)}, which asks "
            "nobody who they are",
            mend=f"{tls_spelling(way.side)} in the place of {label(way.side)}"
            if network
            else "a UNIX-LISTEN of your own",
            notes=listener_notes(bridge, way.side) if network else (),
            confidence=min(thing.confidence, way.confidence),
        )
    for side in known_sides(bridge):
        mode = side.value("perm-late", side.value("perm").value).value
        if side.kind.name == "PTY" and isinstance(mode, int) and mode & _WORLD:
            yield tell(
                _SLUG,
                Severity.LOW,
                side,
                f"{label(side)} lets every user of this host read or type into the terminal",
                span=place(side, "perm-late", "perm"),
                mend="mode=0660 and group=GROUP",
            )


def _severity(way: Way) -> Severity:
    if way.access is Access.LOCAL:
        return Severity.LOW
    return Severity.HIGH if way.reach is Reach.EVERYWHERE else Severity.MEDIUM


RULE = Rule(
    slug=_SLUG,
    title="A device or terminal of this host is open to others",
    worst=Severity.HIGH,
    cwe=668,
    bad="socat TCP-LISTEN:2000,fork OPEN:/dev/ttyUSB0,raw,echo=0",
    good="socat UNIX-LISTEN:/run/serial.sock,fork OPEN:/dev/ttyUSB0,raw,echo=0",
    attacker="Talks to what hangs at the line: a router's console, a meter, a machine; or joins "
    "the network behind a TUN device.",
    mend="Keep it on loopback or a UNIX socket, or use TLS-LISTEN, cert=, cafile=.",
    check=_check,
    good_sentence="Devices are reached by those who proved who they are.",
    fixable="unsafe",
)
