"""A version of socat with known holes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.rows import Group
from catflap.bridge.effective import Dialect
from catflap.findings.finding import Confidence, Severity
from catflap.rules.advisories import ADVISORIES, Use
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "vulnerable-version"
_NUMBERS = re.compile(r"v?(\d{1,4}(?:\.\d{1,4}){1,3})")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """A hole that the command goes through is medium when a peer gains by it; the rest is low.

    Distributions mend old versions without a new number, so it is never quite sure.
    """
    del facts
    match = _NUMBERS.match(bridge.surroundings.version)
    if match is None or bridge.dialect is not Dialect.SOCAT or not bridge.sides:
        return
    version = tuple(int(number) for number in match[1].split("."))
    found = [each for each in ADVISORIES if version < each.fixed]
    used = _uses(bridge)
    touched = [each for each in found if each.use in used]
    if not found:
        return
    worst = next((each for each in touched if each.runs_code), (touched or found)[0])
    newest = ".".join(map(str, max(each.fixed for each in found)))
    yield tell(
        _SLUG,
        Severity.MEDIUM if worst in touched and worst.runs_code else Severity.LOW,
        bridge.sides[0],
        f"socat {match[1]} has a known hole, {worst.name}: {worst.what}"
        + ("" if touched else ", though not by this command"),
        mend=f"socat {newest} or newer",
        notes=tuple(f"{each.name}: {each.what}" for each in found if each is not worst),
        confidence=Confidence.MEDIUM,
    )


def _uses(bridge: Bridge) -> frozenset[Use]:
    """Return which holes' parts of the program a command goes through."""
    used = {Use.ANY}
    flags = {"-ly": Use.SYSLOG, "-lm": Use.SYSLOG, "-b": Use.BLOCK_SIZE}
    used |= {use for name, use in flags.items() if bridge.flags.has(name)}
    for side in known_sides(bridge):
        options = {"fork": Use.FORK, "range": Use.REFUSES, "tcpwrappers": Use.REFUSES}
        used |= {use for name, use in options.items() if side.last(name) is not None}
        if side.is_encrypted:
            used.add(Use.TLS)
        if Group.HTTP in side.kind.groups:
            used.add(Use.HTTP_PROXY)
        if side.kind.name == "READLINE":
            used.add(Use.READLINE)
        if side.kind.name.startswith("SOCKS5"):
            used.add(Use.SOCKS5)
    return frozenset(used)


RULE = Rule(
    slug=_SLUG,
    title="A version of socat with known holes is pinned",
    worst=Severity.MEDIUM,
    cwe=1395,
    bad="socat TCP-LISTEN:1080,bind=127.0.0.1 SOCKS5:proxy.example:host.example:80   "
    "# of alpine/socat:1.8.0.0",
    good="socat TCP-LISTEN:1080,bind=127.0.0.1 SOCKS5:proxy.example:host.example:80   "
    "# of alpine/socat:1.8.1.3",
    attacker="Uses a hole that is written up, with an example, in every list of them.",
    mend="Pin the newest version, and let a machine tell when there is a newer one.",
    check=_check,
    good_sentence="The version that is pinned has no known hole.",
    fixable="unsafe",
)
