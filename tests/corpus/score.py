"""Labels of the corpus, and what an audit says measured against them.

Each folder holds a ``labels.toml``: for each file the lines on which its commands stand, the
findings of medium and above that a reviewer expects, and under ``may`` those that can be argued
either way; ``maybe`` are commands of that sort. A finding is written ``LINE RULE SEVERITY``; alternatives are parted by ``|``. The
labels follow docs/design.md, "How bad is it", and were written without looking at what is found.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent
SERIOUS = frozenset({"high", "critical"})
COUNTED = SERIOUS | {"medium"}


class Found(NamedTuple):
    """A finding of an audit, by the first and last line of its command."""

    first: int
    last: int
    rule: str
    severity: str

    def __str__(self) -> str:
        return f"{self.first} {self.rule} {self.severity}"


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that a label names."""

    line: int
    rules: frozenset[str]
    severities: frozenset[str]
    text: str

    @classmethod
    def parse(cls, text: str) -> Expected:
        line, rules, severities = text.split()
        return cls(int(line), frozenset(rules.split("|")), frozenset(severities.split("|")), text)

    def fits(self, found: Found) -> bool:
        return (
            found.first <= self.line <= found.last
            and found.rule in self.rules
            and found.severity in self.severities
        )


@dataclass(frozen=True, slots=True)
class Label:
    """What a reviewer says about a file."""

    path: Path
    commands: tuple[int, ...]
    findings: tuple[Expected, ...]
    may: tuple[Expected, ...] = ()
    maybe: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def is_clean(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class Outcome:
    """How an audit of one file differs from its label."""

    label: Label
    missing: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    lost_commands: list[int] = field(default_factory=list)
    stray_commands: list[int] = field(default_factory=list)
    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def agrees(self) -> bool:
        return not (self.missing or self.surplus or self.lost_commands or self.stray_commands)

    def __str__(self) -> str:
        parts = [
            *(f"  expected, not found: {each}" for each in self.missing),
            *(f"  found, not expected: {each}" for each in self.surplus),
            *(f"  command not seen on line {each}" for each in self.lost_commands),
            *(f"  no command, but taken for one, on line {each}" for each in self.stray_commands),
        ]
        return "\n".join([self.label.name, *parts])


def labels() -> list[Label]:
    """Return the labels of all files."""
    found = []
    for table in sorted(ROOT.rglob("labels.toml")):
        for name, row in tomllib.loads(table.read_text()).items():
            found.append(
                Label(
                    table.parent / name,
                    tuple(row["commands"]),
                    tuple(map(Expected.parse, row["findings"])),
                    tuple(map(Expected.parse, row.get("may", ()))),
                    tuple(row.get("maybe", ())),
                )
            )
    return found


def compare(label: Label, commands: list[tuple[int, int]], findings: list[Found]) -> Outcome:
    """Compare an audit of one file with its label.

    Args:
        commands: first and last line of each command that was found.
        findings: those that were found, of any severity.
    """
    outcome = Outcome(label)
    rest = sorted(commands)
    for line in label.commands:
        near = next((each for each in rest if each[0] <= line <= each[1]), None)
        if near is None:
            outcome.lost_commands.append(line)
        else:
            rest.remove(near)
    # A command whose variables can hold several values is judged once for each.
    allowed = (*label.commands, *label.maybe)
    outcome.stray_commands = [
        first for first, last in rest if not any(first <= line <= last for line in allowed)
    ]

    left = [each for each in findings if each.severity in COUNTED]
    for expected in label.findings:
        serious = bool(expected.severities & SERIOUS)
        hit = next((each for each in left if expected.fits(each)), None)
        if hit is None:
            outcome.missing.append(expected.text)
            outcome.missed += serious
        else:
            left.remove(hit)
            outcome.right += serious
    for found in left:
        if not any(each.fits(found) for each in (*label.findings, *label.may)):
            outcome.surplus.append(str(found))
            outcome.wrong += found.severity in SERIOUS
    return outcome


def recall_and_precision(outcomes: list[Outcome]) -> tuple[float, float]:
    """Return both shares over the findings of high and critical."""
    right = sum(each.right for each in outcomes)
    missed = sum(each.missed for each in outcomes)
    wrong = sum(each.wrong for each in outcomes)
    return right / max(1, right + missed), right / max(1, right + wrong)
