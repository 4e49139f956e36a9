"""What an audit tells: findings with their places in files, and what was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.findings.finding import Confidence, Severity

__all__ = ("Located", "Place", "Report", "State", "Trouble")


class State(StrEnum):
    """Whether a finding counts."""

    NEW = "new"
    SUPPRESSED = "suppressed"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of a file: lines and columns from 1, columns in characters, the end exclusive.

    Args:
        start: offset of the first character from the file's beginning, from 0.
        end: offset after the last one.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Located:
    """A finding in a file.

    Args:
        path: as it was asked for, with ``/``; ``-`` for the standard input, ``command line`` for
            words after ``--``, ``process PID`` for what runs.
        kind: the kind of file, as ``catflap audit --kind`` names it.
        place: what the finding points at.
        command: the whole command that it belongs to.
        excerpt: the lines of ``place``, without the line ends, at most five.
        excerpt_line: the number of the first of them.
        fingerprint: 32 hexadecimal digits that stay the same while the command moves in its file.
        fix: ``safe`` or ``unsafe`` when ``catflap fix`` can mend it, else nothing.
        reason: why it is suppressed.
    """

    path: str
    kind: str
    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    place: Place
    command: Place
    excerpt: tuple[str, ...]
    excerpt_line: int
    fingerprint: str
    mend: str = ""
    notes: tuple[str, ...] = ()
    fix: str = ""
    state: State = State.NEW
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file that could be read in part or not at all, and why.

    Args:
        line: 0 for the whole file.
        fatal: whether the file was asked for by its name and the machine did not let it be read.
    """

    path: str
    message: str
    line: int = 0
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """An audit.

    Args:
        findings: worst first within a file, files in their order; suppressed ones included.
        files: how many files were looked at.
        read: how many of them hold the word and were read.
        commands: how many commands they hold.
    """

    findings: tuple[Located, ...]
    troubles: tuple[Trouble, ...] = ()
    files: int = 0
    read: int = 0
    commands: int = 0

    @property
    def open(self) -> tuple[Located, ...]:
        """The findings that count."""
        return tuple(each for each in self.findings if each.state is State.NEW)
