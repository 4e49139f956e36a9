"""A listener that other hosts reach speaks without encryption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.findings.finding import Confidence, Severity
from catflap.rules.assets import worth_more_behind
from catflap.rules.exposure import Reach, exposed_listeners, far_sides
from catflap.rules.guarding import listener_notes, too_wide
from catflap.rules.rule import Rule
from catflap.rules.telling import label, place, tell, tls_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("ENCRYPTED_PORTS", "RULE")

_SLUG = "plaintext-exposed"
ENCRYPTED_PORTS = {
    "22": "SSH",
    "ssh": "SSH",
    "443": "TLS",
    "https": "TLS",
    "8443": "TLS",
    "6443": "TLS",
    "465": "TLS",
    "636": "TLS",
    "853": "TLS",
    "993": "TLS",
    "995": "TLS",
    "51820": "WireGuard",
}
"""Ports whose protocol is encrypted end to end, so that a relay need not encrypt it again."""


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side, exposure in exposed_listeners(bridge):
        if side.is_encrypted or worth_more_behind(bridge, side):
            continue
        everywhere = exposure.reach is Reach.EVERYWHERE
        notes = listener_notes(bridge, side, without=(_SLUG,))
        inner = _inner_encryption(bridge, side)
        confidence = exposure.confidence
        if inner:
            confidence = min(confidence, Confidence.MEDIUM)
            notes = (
                *notes,
                f"the port is one of {inner}: if what passes is {inner}, nobody reads it",
            )
        who = _whence(side) if everywhere else "private networks"
        yield tell(
            _SLUG,
            Severity.HIGH if everywhere else Severity.MEDIUM,
            side,
            f"{label(side)} takes plaintext connections from {who}: anybody there can connect, "
            "and whoever is on the way can read and change what passes",
            span=place(side, "bind", "range"),
            mend=_mend(side),
            notes=notes,
            confidence=confidence,
        )


def _whence(side: Side) -> str:
    listed = side.networks.value is not None and not too_wide(side)
    return "public networks" if listed else "any network"


def _inner_encryption(bridge: Bridge, side: Side) -> str:
    ports = (side.port.value, *(far.target_port.value for far in far_sides(bridge, side)))
    return next((ENCRYPTED_PORTS[port] for port in ports if port in ENCRYPTED_PORTS), "")


def _mend(side: Side) -> str:
    stay = "bind=127.0.0.1 keeps it on this host"
    if side.surroundings.container and not side.surroundings.host_network:
        stay = "publishing the port on 127.0.0.1 keeps it on the host (127.0.0.1:PORT:PORT)"
    if side.dialect is Dialect.CATFLAP and side.last("bind") is not None:
        stay = "without bind= it stays on this host"
    return f"{stay}; {tls_spelling(side)} encrypts it and asks every client for its certificate"


RULE = Rule(
    slug=_SLUG,
    title="A listener that other hosts reach speaks without encryption",
    worst=Severity.HIGH,
    cwe=319,
    bad="catflap run TCP-LISTEN:8080,bind=0.0.0.0 TCP:127.0.0.1:9000",
    good="catflap run TLS-LISTEN:8443,bind=0.0.0.0,range=10.0.0.0/8,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Reads passwords, tokens and data on the way, changes them, and connects as anybody: "
    "nothing asks who it is.",
    mend="Listen on loopback (the default here), or use TLS-LISTEN with cert= and cafile=. "
    "range= with private networks lowers it to medium.",
    check=_check,
    good_sentence="Whatever other hosts reach is encrypted and asks who comes.",
    fixable="unsafe",
)
