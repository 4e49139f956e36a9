"""What a format is told besides the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.audit.report import Place

__all__ = ("FormatOptions", "Mend", "Replacement")


@dataclass(frozen=True, slots=True)
class Replacement:
    """A stretch of the finding's file and the text that takes its place."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Mend:
    """What ``catflap fix`` would change for one finding, in its file.

    Args:
        description: one line.
        replacements: in the order of the file, none over another.
    """

    description: str
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class FormatOptions:
    """How a report is to be written.

    Args:
        color: whether escape sequences for colours are written (text).
        links: whether rules are links to their pages (text; OSC 8).
        width: columns to which sentences are folded; 0 folds nothing (text).
        quiet: findings alone, no summary (text).
        verbose: show also what does not count: suppressed, or in the baseline (text).
        documentation: where the pages of docs/reference are, absolute, without a slash at its
            end; without it a rule's page is that of its weakness.
        root: the directory that relative paths start from, absolute (SARIF, GitHub, GitLab).
        exit_status: the status that the program ends with (JSON, SARIF).
        hidden: how many findings were left out by what was asked for.
        fixes: by fingerprint, what would mend a finding (SARIF).
    """

    color: bool = False
    links: bool = False
    width: int = 0
    quiet: bool = False
    verbose: bool = False
    documentation: str = ""
    root: str = ""
    exit_status: int = 0
    hidden: int = 0
    fixes: Mapping[str, Mend] = field(default_factory=dict)
