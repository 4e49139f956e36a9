"""A TLS side of socat that agrees on keys by one curve alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.findings.finding import Severity
from catflap.rules.exposure import leaves_host, proves_peers
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "curve-pinned"


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Tell it once a bridge, and only where nothing worse is told about its encryption."""
    del facts
    for side in known_sides(bridge):
        if side.dialect is Dialect.SOCAT and proves_peers(side) and leaves_host(side):
            yield tell(
                _SLUG,
                Severity.INFO,
                side,
                f"{label(side)} agrees on keys by the curve P-256 alone, as socat is built",
                mend="catflap run, which agrees on X25519MLKEM768 where the peer can",
            )
            return


RULE = Rule(
    slug=_SLUG,
    title="A TLS side agrees on keys by one curve alone",
    worst=Severity.INFO,
    cwe=327,
    bad="socat - OPENSSL:api.internal:8443,min-proto-version=TLS1.3,cafile=ca.pem",
    good="catflap run STDIO TLS:api.internal:8443,cafile=ca.pem",
    attacker="Keeps what passes today and reads it once P-256 can be broken; and peers that do "
    "not offer that curve fail.",
    mend="socat has no option for it. catflap leaves the groups to the library.",
    check=_check,
    good_sentence="The groups are the library's choice, a post-quantum one first.",
    fixable="no option of socat changes the curve",
)
