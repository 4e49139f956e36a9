"""A listener serves as root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.findings.finding import Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import label, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE", "gives_up_root", "is_root")

_BECOMES = ("substuser", "substuser-early", "substuser-delayed", "setuid", "setuid-early")
_ROOT = frozenset({"0", "root"})


def is_root(bridge: Bridge, facts: Facts) -> bool:
    """Whether root starts it, as the process or the file shows."""
    shown = bridge.surroundings.is_root
    return facts.uid == 0 if shown is None else shown


def gives_up_root(bridge: Bridge) -> bool:
    """Whether a listener becomes another user once its port is open."""
    for side in bridge.listeners:
        for name in _BECOMES:
            user = side.text(name)
            if user.is_unknown or (user.value and user.value not in _ROOT):
                return True
    return False


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    listener = next((side for side in bridge.listeners if side.is_internet), None)
    if listener is None or not is_root(bridge, facts) or gives_up_root(bridge):
        return
    yield tell(
        "runs-as-root",
        Severity.LOW,
        listener,
        f"{label(listener)} serves as root: a flaw in it, or in what it starts, is a flaw in "
        "everything",
        mend="su=USER, which takes effect once the port is open",
        notes=("inside a container root is less, not nothing",)
        if facts.container or bridge.surroundings.container
        else (),
    )


RULE = Rule(
    slug="runs-as-root",
    title="A listener serves as root",
    worst=Severity.LOW,
    cwe=250,
    bad="catflap run TCP-LISTEN:8080 TCP:127.0.0.1:9000   # as root",
    good="catflap run TCP-LISTEN:8080,su=nobody TCP:127.0.0.1:9000   # as root",
    attacker="Turns a flaw in the relay, its libraries or its child into the whole host.",
    mend="Start it as another user, or give su=USER.",
    check=_check,
    good_sentence="The listener runs as a user of its own.",
    fixable="unsafe",
)
