"""What a rule is: a name, words for people, and a pure function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.bridge.model import Bridge
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding, Severity

__all__ = ("Rule",)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Args:
        slug: the bad pattern's name, such as ``wildcard-bind``.
        title: one line.
        worst: the highest severity it gives.
        cwe: the weakness it is an instance of.
        bad: an example that it finds.
        good: the same, mended.
        attacker: what somebody gets who finds it first.
        mend: how to mend it in general.
        check: yields the findings of a bridge.
        good_sentence: what is said of a bridge that does it well.
        fixable: ``safe`` (same behaviour, or strictly narrower without breaking the intent),
            ``unsafe`` (a fix that somebody has to look at), else the reason why there is none.
        since: the version that first had it.
    """

    slug: str
    title: str
    worst: Severity
    cwe: int
    bad: str
    good: str
    attacker: str
    mend: str
    check: Callable[[Bridge, Facts], Iterator[Finding]] = field(repr=False)
    good_sentence: str = ""
    fixable: str = "unsafe"
    since: str = "0.1"

    @property
    def bad_sentence(self) -> str:
        """What is said of a bridge that does it badly."""
        return self.title

    @property
    def is_fixable(self) -> bool:
        """Whether ``catflap fix`` has a fix, safe or unsafe."""
        return self.fixable in {"safe", "unsafe"}
