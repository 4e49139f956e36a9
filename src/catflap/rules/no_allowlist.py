"""A listener that asks for proof takes it from every network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Confidence, Severity
from catflap.rules.exposure import Reach, exposed_listeners, is_wildcard, proves_peers
from catflap.rules.guarding import lacks_allowlist
from catflap.rules.rule import Rule
from catflap.rules.telling import has_opaque_options, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Fire on listeners that are guarded otherwise; worse rules tell it as their note."""
    del facts
    for side, exposure in exposed_listeners(bridge):
        if exposure.reach is Reach.PRIVATE or not proves_peers(side) or not lacks_allowlist(side):
            continue
        notes = ("wildcard-bind: it listens on every interface",) if is_wildcard(side) else ()
        hidden = has_opaque_options(side)
        yield tell(
            "no-allowlist",
            Severity.MEDIUM,
            side,
            f"{label(side)} lets every network try, and lets every certificate of its CA in",
            span=place(side, "bind"),
            mend="range=[10.0.0.0/8] with the networks of your clients, or commonname=NAME of "
            "the one client to let in",
            notes=notes,
            confidence=min(exposure.confidence, Confidence.MEDIUM if hidden else Confidence.HIGH),
        )


RULE = Rule(
    slug="no-allowlist",
    title="A listener says neither which networks nor which clients may come",
    worst=Severity.MEDIUM,
    cwe=284,
    bad="catflap run TLS-LISTEN:8443,bind=0.0.0.0,cert=srv.pem,cafile=ca.pem TCP:127.0.0.1:9000",
    good="catflap run TLS-LISTEN:8443,bind=10.0.0.5,range=10.0.0.0/8,cert=srv.pem,cafile=ca.pem "
    "TCP:127.0.0.1:9000",
    attacker="Tries handshakes and floods from anywhere, and a stolen certificate of any client "
    "of the same CA opens the door.",
    mend="Give range= the networks that clients come from, or commonname= the client's name.",
    check=_check,
    good_sentence="The listener says which networks or clients may come.",
    fixable="unsafe",
)
