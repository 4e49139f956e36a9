"""Fixes of a whole text, one after the other, each tried on what the one before left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.fix.proposal import NotFixableError
from catflap.audit.fix.registry import FIXES
from catflap.audit.fix.site import Site
from catflap.audit.fix.verify import Snapshot, mended
from catflap.rules.registry import find_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from catflap.audit.fix.proposal import Placeholder, Proposal
    from catflap.audit.judge import Judged
    from catflap.findings.finding import Severity

__all__ = ("Applied", "Fixed", "Left", "Wanted", "fix_snapshot", "offers", "propose")

_MOST_ATTEMPTS = 3
_MOST_FIXES = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fixes are wanted.

    Args:
        unsafe: whether those that somebody has to look at are made too.
        rules: the rules whose findings are mended; all without any.
        skip: whether a finding is left alone, because it is suppressed or turned off.
    """

    unsafe: bool = False
    rules: Collection[str] = ()
    skip: Callable[[Snapshot, Judged], bool] | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was made.

    Args:
        line: where its finding stood, from 1.
    """

    rule: str
    severity: Severity | None
    line: int
    title: str
    safe: bool
    placeholders: tuple[Placeholder, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A finding that stays.

    Args:
        unsafe: what an unsafe fix would do, where there is one.
        why: why there is no fix, else.
    """

    rule: str
    line: int
    unsafe: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of a text."""

    text: str
    applied: tuple[Applied, ...] = ()
    left: tuple[Left, ...] = ()


def propose(site: Site) -> Iterator[Proposal]:
    """Yield the fixes of a finding that are worth a try, none of them tried yet.

    Raises:
        NotFixableError: there is none, and why.
    """
    rule = find_rule(site.finding.rule)
    reason = NotFixableError(rule.fixable if rule is not None else "its rule has no fix")
    found = False
    for fixer in FIXES.get(site.finding.rule, ()):
        try:
            for proposal in fixer(site):
                found = True
                yield proposal
        except NotFixableError as error:
            reason = error
    if not found:
        raise reason


def offers(snapshot: Snapshot, judged: Judged) -> Iterator[tuple[Proposal, Snapshot]]:
    """Yield the fixes of a finding that hold what they say, with what they make of the text.

    Raises:
        NotFixableError: there is none, and why.
    """
    reason = NotFixableError("its rule has no fix")
    found = False
    for attempt in range(_MOST_ATTEMPTS):
        site = Site(
            snapshot.text, judged.command, judged.bridge, judged.finding, judged.written, attempt
        )
        try:
            for proposal in propose(site):
                try:
                    after = mended(snapshot, judged, proposal)
                except NotFixableError as error:
                    reason = error
                    continue
                found = True
                yield proposal, after
        except NotFixableError as error:
            reason = reason if attempt else error
            break
    if not found:
        raise reason


def fix_snapshot(snapshot: Snapshot, wanted: Wanted) -> Fixed:
    """Mend what can be mended, worst first."""
    plan = _Plan(snapshot, wanted)
    while plan.step() and len(plan.applied) < _MOST_FIXES:
        pass
    return plan.result()


class _Plan:
    """The text as it is by now, and what was tried."""

    def __init__(self, snapshot: Snapshot, wanted: Wanted) -> None:
        self._now = snapshot
        self._wanted = wanted
        self._left: dict[tuple[str, int, str], Left] = {}
        self.applied: list[Applied] = []

    def step(self) -> bool:
        """Make the next fix; return whether there was one."""
        for judged in self._now.judged:
            key = self._key(judged)
            rules = self._wanted.rules
            if key in self._left or (rules and judged.finding.rule not in rules):
                continue
            if self._wanted.skip is not None and self._wanted.skip(self._now, judged):
                continue
            if self._fix(judged):
                return True
        return False

    def _fix(self, judged: Judged) -> bool:
        rule, line = judged.finding.rule, _line(self._now.text, judged.finding.span.start)
        try:
            proposal, after = next(offers(self._now, judged))
        except NotFixableError as error:
            self._left[self._key(judged)] = Left(rule, line, why=str(error))
            return False
        if not proposal.safe and not self._wanted.unsafe:
            self._left[self._key(judged)] = Left(rule, line, unsafe=proposal.title)
            return False
        severity = judged.finding.severity
        self.applied.append(
            Applied(rule, severity, line, proposal.title, proposal.safe, proposal.placeholders)
        )
        self._now = after
        return True

    def _key(self, judged: Judged) -> tuple[str, int, str]:
        finding = judged.finding
        return finding.rule, self._now.number(judged.command), finding.message

    def result(self) -> Fixed:
        """Return the text, and the findings that are still there."""
        there = {self._key(judged) for judged in self._now.judged}
        left = (each for key, each in self._left.items() if key in there)
        return Fixed(self._now.text, tuple(self.applied), tuple(left))


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
