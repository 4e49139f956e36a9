"""Workflow commands of GitHub Actions: each finding beside its line in a pull request.

GitHub shows ten annotations of a level for each step, so the worst come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from catflap.audit.formats.paths import from_root
from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.audit.formats.options import FormatOptions
    from catflap.audit.report import Located, Report, Trouble

__all__ = ("write",)

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}
# As @actions/core escapes them; what else moves a cursor is made printable before.
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def write(report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write one line for each finding that counts, and one for each trouble."""
    stream.writelines(
        _finding(found, options)
        for found in sorted(report.open, key=lambda each: (-each.severity, -each.confidence))
    )
    stream.writelines(_trouble(trouble, options) for trouble in report.troubles)


def _finding(found: Located, options: FormatOptions) -> str:
    place = found.place
    sure = "" if found.confidence is Confidence.HIGH else f", {found.confidence} confidence"
    properties = {
        "file": from_root(found.path, options.root),
        "line": str(place.line),
        "endLine": str(place.end_line),
        "col": str(place.column),
        "title": f"{found.rule} ({found.severity}{sure})",
    }
    if place.end_line == place.line:
        # GitHub takes no column for the end of what takes several lines; its end is inclusive.
        properties["endColumn"] = str(max(place.end_column - 1, place.column))
    lines = [found.message]
    if found.mend:
        lines.append(f"mend: {found.mend}")
    lines += [f"note: {note}" for note in found.notes]
    return _command(_LEVELS[found.severity], properties, lines)


def _trouble(trouble: Trouble, options: FormatOptions) -> str:
    properties = {"file": from_root(trouble.path, options.root), "title": "not read in full"}
    if trouble.line:
        properties["line"] = str(trouble.line)
    return _command("warning", properties, [trouble.message])


def _command(name: str, properties: Mapping[str, str], lines: list[str]) -> str:
    said = ",".join(
        f"{key}={printable(value).translate(_PROPERTY)}" for key, value in properties.items()
    )
    message = "\n".join(printable(line) for line in lines).translate(_DATA)
    return f"::{name} {said}::{message}\n"
