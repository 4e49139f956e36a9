"""What passes is written down in the clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "payload-logged"
_TO_FILE = ("-r", "-R")
_TO_TERMINAL = ("-v", "-x", "--dump")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    flag = bridge.flags.last(*_TO_FILE) or bridge.flags.last(*_TO_TERMINAL)
    if flag is None or not bridge.sides:
        return
    to_file = flag.row.name in _TO_FILE
    kept = to_file or bridge.surroundings.supervised_log
    encrypted = any(side.is_encrypted for side in known_sides(bridge))
    notes = ("what TLS protects on the way is written in the clear",) if encrypted else ()
    yield tell(
        _SLUG,
        Severity.LOW if kept else Severity.INFO,
        bridge.sides[0],
        f"{flag.row.name} writes what passes to {'a file' if to_file else 'the standard error'}, "
        "passwords included",
        span=flag.span,
        mend=f"remove {flag.row.name} where it is not for looking into a fault; -d -d tells "
        "connections without what they carry",
        notes=notes,
    )


RULE = Rule(
    slug=_SLUG,
    title="What passes is written down in the clear",
    worst=Severity.LOW,
    cwe=532,
    bad="socat -r /tmp/traffic TCP-LISTEN:8080,bind=127.0.0.1,fork TCP:127.0.0.1:9000",
    good="socat -d -d TCP-LISTEN:8080,bind=127.0.0.1,fork TCP:127.0.0.1:9000",
    attacker="Reads passwords and data in a log, long after they passed, from a file that was "
    "made readable for all.",
    mend="Remove -v, -x, -r and -R once the fault is found.",
    check=_check,
    good_sentence="Connections are told, what they carry is not.",
    fixable="unsafe",
)
