"""An answer that comes after the question has ended is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.bridge.model import Flow
from catflap.bridge.socat_flags import DEFAULT_HALF_CLOSE
from catflap.findings.finding import Severity
from catflap.rules.exposure import far_sides
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "half-close-data-loss"
_ENDS = frozenset({"STDIO", "STDIN"})
_STAYS_OPEN = ("ignoreeof", "null-eof", "shut-none")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """Tell it of questions that come from the standard input and go to a service."""
    del facts
    waits = bridge.flags.last("-t")
    if bridge.flow is not Flow.BOTH or waits is not None or bridge.surroundings.interactive:
        return
    for side in known_sides(bridge):
        if side.dialect is Dialect.CATFLAP or side.kind.name not in _ENDS or _is_terminal(side):
            continue
        far = [each for each in far_sides(bridge, side) if each.is_internet or _is_socket(each)]
        if far and not any(each.last(name) for each in (side, *far) for name in _STAYS_OPEN):
            yield tell(
                _SLUG,
                Severity.INFO,
                side,
                f"once the standard input has ended, {label(far[0])} has {DEFAULT_HALF_CLOSE} s "
                "to answer; the rest is lost, with status 0",
                mend="-t 60",
            )
            return


def _is_terminal(side: Side) -> bool:
    return any(side.last(name) is not None for name in ("raw", "rawer", "cfmakeraw", "echo"))


def _is_socket(side: Side) -> bool:
    return side.kind.name.startswith(("UNIX", "ABSTRACT", "GOPEN", "VSOCK"))


RULE = Rule(
    slug=_SLUG,
    title="An answer that comes late is cut off without a word",
    worst=Severity.INFO,
    cwe=404,
    bad="socat - UNIX:/run/app.sock",
    good="socat -t 60 - UNIX:/run/app.sock",
    attacker="Gains nothing by it; a slow service loses its answer, and scripts go on as if all "
    "were well.",
    mend="Give -t the seconds that an answer may take. catflap waits 60 s without a byte.",
    check=_check,
    good_sentence="After one side has ended, the other has time to answer.",
    fixable="unsafe",
)
