"""Rights are given up by halves: the groups stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.findings.finding import Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_HALVES = ("setuid", "setuid-early")
_WHOLE = ("substuser", "substuser-early", "substuser-delayed")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Our own dialect has no such case: there setuid= drops the groups."""
    del facts
    for side in known_sides(bridge):
        if side.dialect is Dialect.CATFLAP:
            continue
        said = next((name for name in _HALVES if side.last(name) is not None), "")
        if said and not any(side.last(name) is not None for name in _WHOLE):
            user = side.text(said)
            shown = user.value if user.is_said and user.value else "USER"
            yield tell(
                "setuid-keeps-groups",
                Severity.LOW,
                side,
                f"{label(side)} changes its user but keeps the groups it was started with",
                span=place(side, said),
                mend=f"su={shown}, which takes that user's groups",
            )


RULE = Rule(
    slug="setuid-keeps-groups",
    title="Rights are given up by halves: the groups stay",
    worst=Severity.LOW,
    cwe=271,
    bad="socat TCP-LISTEN:8080,bind=127.0.0.1,setuid=nobody TCP:127.0.0.1:9000",
    good="catflap run TCP-LISTEN:8080,su=nobody TCP:127.0.0.1:9000",
    attacker="Uses the groups that root left behind: disks, logs, the container runtime.",
    mend="Use su= in the place of setuid=; catflap drops the groups by either.",
    check=_check,
    good_sentence="User and groups are given up together.",
    fixable="safe",
)
