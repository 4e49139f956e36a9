"""A password goes to a proxy in the clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Group
from catflap.findings.finding import Confidence, Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE", "sends_credentials")

_SLUG = "proxy-plaintext-credentials"
_CREDENTIALS = (
    "proxy-authorization",
    "proxy-authorization-file",
    "sockspass",
    "sockspass-file",
)


def sends_credentials(side: Side) -> str:
    """Return the option whose password a side sends to another host in the clear, or nothing."""
    kind = side.address.kind
    if kind is None or side.is_encrypted or side.is_loopback_only:
        return ""
    if any(inner.is_encrypted for inner in side.chain):
        return ""
    if Group.HTTP not in kind.groups and Group.SOCKS not in kind.groups:
        return ""
    return next((name for name in _CREDENTIALS if side.last(name) is not None), "")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Tell plaintext-to-remote as a note: it is the same connection."""
    del facts
    for side in known_sides(bridge):
        name = sends_credentials(side)
        if name:
            yield tell(
                _SLUG,
                Severity.MEDIUM,
                side,
                f"{label(side)} sends its password to the proxy where anybody on the way reads it",
                span=place(side, name),
                mend="a proxy on this host, reached by ssh -L or TLS, or one without a password",
                notes=("plaintext-to-remote: what passes to the proxy is not encrypted either",),
                confidence=Confidence.LOW if side.host.is_unknown else Confidence.HIGH,
            )


RULE = Rule(
    slug=_SLUG,
    title="A password goes to a proxy in the clear",
    worst=Severity.MEDIUM,
    cwe=523,
    bad="catflap run STDIO PROXY:proxy.internal:api.example:443,"
    "proxy-authorization-file=/run/secrets/proxy",
    good="catflap run STDIO PROXY:127.0.0.1:api.example:443,"
    "proxy-authorization-file=/run/secrets/proxy",
    attacker="Reads the password on the way and uses the proxy, and whatever else it opens.",
    mend="Reach the proxy through TLS or ssh -L on loopback.",
    check=_check,
    good_sentence="Passwords of proxies stay on this host or travel encrypted.",
    fixable="a proxy that speaks TLS, or a tunnel to it, has to be there first",
)
