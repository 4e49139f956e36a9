"""GitLab's Code Quality report: the widget in merge requests, and marks beside lines.

The shape is the part of Code Climate's that GitLab reads (docs.gitlab.com, "Code Quality report
format"): description, check_name, fingerprint, severity, location.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from catflap.audit.formats.jsontext import write_json
from catflap.audit.formats.paths import from_root
from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Severity

if TYPE_CHECKING:
    from catflap.audit.formats.options import FormatOptions
    from catflap.audit.report import Located, Report

__all__ = ("write",)

_LEVELS = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def write(report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write the findings that count; GitLab has no word for others, nor for troubles."""
    write_json([_issue(found, options) for found in report.open], stream)


def _issue(found: Located, options: FormatOptions) -> dict[str, Any]:
    sure = "" if found.confidence is Confidence.HIGH else f" ({found.confidence} confidence)"
    mend = f". Mend: {found.mend}" if found.mend else ""
    return {
        "type": "issue",
        "description": printable(f"{found.message}{sure}{mend}"),
        "check_name": found.rule,
        "categories": ["Security"],
        "fingerprint": found.fingerprint,
        "severity": _LEVELS[found.severity],
        "location": {
            "path": printable(from_root(found.path, options.root)),
            "lines": {"begin": found.place.line, "end": found.place.end_line},
        },
    }
