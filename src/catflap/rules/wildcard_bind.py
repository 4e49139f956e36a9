"""A guarded listener opens every interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.exposure import exposed_listeners, is_wildcard, proves_peers
from catflap.rules.guarding import lacks_allowlist, too_wide
from catflap.rules.rule import Rule
from catflap.rules.telling import label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Fire only when nothing else is wrong; worse rules tell the wildcard as their note.

    In a container it is the only address that a published port reaches.
    """
    del facts
    for side, exposure in exposed_listeners(bridge):
        if side.surroundings.container and not side.surroundings.host_network:
            continue
        told = not proves_peers(side) or lacks_allowlist(side) or too_wide(side)
        if is_wildcard(side) and not told:
            yield tell(
                "wildcard-bind",
                Severity.LOW,
                side,
                f"{label(side)} listens on every interface, also on those that come later",
                span=place(side, "bind"),
                mend="bind=ADDRESS with the one address that its clients use",
                confidence=exposure.confidence,
            )


RULE = Rule(
    slug="wildcard-bind",
    title="A listener opens every interface of the host",
    worst=Severity.LOW,
    cwe=1327,
    bad="catflap run TLS-LISTEN:8443,bind=0.0.0.0,range=10.0.0.0/8,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    good="catflap run TLS-LISTEN:8443,bind=10.0.0.5,range=10.0.0.0/8,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Finds the port on an interface that nobody thought of: a VPN, a container bridge, "
    "a second uplink.",
    mend="Name one address by bind=. Where the listener is open in other ways, those rules say so.",
    check=_check,
    good_sentence="The listener opens the one address that its clients use.",
    fixable="unsafe",
)
