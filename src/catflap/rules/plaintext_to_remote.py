"""A client sends plaintext to another host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Role
from catflap.findings.finding import Confidence, Severity
from catflap.rules.assets import worth_more_behind
from catflap.rules.keys import key_given_away
from catflap.rules.plaintext_exposed import ENCRYPTED_PORTS
from catflap.rules.proxy_plaintext_credentials import sends_credentials
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell, tls_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "plaintext-to-remote"
_GOING = frozenset({Role.CONNECT, Role.DATAGRAM})


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    if key_given_away(bridge) is not None:
        # Told as what it is: a key in the hands of others.
        return
    for side in bridge.sides:
        # What one goes through carries its bytes: they are judged once, where they come from.
        if (
            side.address.kind is None
            or not side.is_internet
            or side.is_encrypted
            or side.kind.role not in _GOING
        ):
            continue
        if side.is_loopback_only or sends_credentials(side) or worth_more_behind(bridge, side):
            continue
        confidence, notes = Confidence.HIGH, tuple[str, ...]()
        inner = ENCRYPTED_PORTS.get(side.target_port.value, "")
        if side.host.is_unknown:
            confidence = Confidence.LOW
        if inner:
            confidence = Confidence.LOW
            notes = (f"the port is one of {inner}: if what passes is {inner}, nobody reads it",)
        yield tell(
            _SLUG,
            Severity.MEDIUM,
            side,
            f"{label(side)} is another host, and what goes there is not encrypted",
            mend=f"{tls_spelling(side)}, where the other end speaks TLS",
            notes=notes,
            confidence=confidence,
        )


RULE = Rule(
    slug=_SLUG,
    title="A client sends plaintext to another host",
    worst=Severity.MEDIUM,
    cwe=319,
    bad="catflap run TCP-LISTEN:9000 TCP:api.internal:80",
    good="catflap run TCP-LISTEN:9000 TLS:api.internal:8443,cafile=ca.pem",
    attacker="Reads and changes what passes between the two hosts, and can answer in the place of "
    "the server.",
    mend="Use TLS: in the place of TCP:, or put a TLS-LISTEN in front of the other end.",
    check=_check,
    good_sentence="What goes to another host is encrypted.",
    fixable="the other end has to speak TLS first",
)
