"""A TLS side speaks versions that are no longer safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.values import PROTOCOL_VERSIONS
from catflap.findings.finding import Confidence, Severity
from catflap.rules.exposure import leaves_host
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_MINIMUM, _MAXIMUM = "openssl-min-proto-version", "openssl-max-proto-version"
_MEND = "min-proto-version=TLS1.2, or TLS1.3 where both ends know it"
_BROKEN = frozenset({"SSL2", "SSL3"})
_OLD = frozenset(PROTOCOL_VERSIONS[: PROTOCOL_VERSIONS.index("TLS1.2")]) | {"DTLS1"}


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """SSL 2 and 3 are broken (RFC 6176, 7568) and count as no encryption; TLS 1.1 is old."""
    del facts
    for side in known_sides(bridge):
        if not side.is_encrypted:
            continue
        newest, oldest = side.text(_MAXIMUM), side.minimum_protocol
        if newest.value in _OLD:
            version, says, name = newest.value, "speaks nothing newer than", _MAXIMUM
        elif oldest.value in _OLD:
            version, says, name = oldest.value, "still speaks", _MINIMUM
        elif not oldest.value and not oldest.is_unknown:
            yield _unsaid(side)
            continue
        else:
            continue
        broken = version in _BROKEN and leaves_host(side)
        yield tell(
            "tls-old-protocol",
            Severity.HIGH if broken else Severity.LOW,
            side,
            f"{label(side)} {says} {version}, which "
            + ("is broken" if version in _BROKEN else "was retired in 2021 (RFC 8996)"),
            span=place(side, name),
            mend="remove max-proto-version=" if name == _MAXIMUM else _MEND,
        )


def _unsaid(side: Side) -> Finding:
    return tell(
        "tls-old-protocol",
        Severity.INFO,
        side,
        f"{label(side)} leaves the oldest TLS version to the library it was built with",
        mend=_MEND,
        confidence=Confidence.MEDIUM,
    )


RULE = Rule(
    slug="tls-old-protocol",
    title="A TLS side speaks versions that are no longer safe",
    worst=Severity.HIGH,
    cwe=326,
    bad="catflap run STDIO TLS:api.internal:8443,min-proto-version=TLS1.0,cafile=ca.pem",
    good="catflap run STDIO TLS:api.internal:8443,min-proto-version=TLS1.2,cafile=ca.pem",
    attacker="Pushes both ends down to a version whose ciphers and hashes can be attacked.",
    mend="Remove the option (catflap speaks TLS 1.3), or min-proto-version=TLS1.2 for old peers.",
    check=_check,
    good_sentence="TLS 1.2 is the oldest version that is spoken.",
    fixable="safe",
)
