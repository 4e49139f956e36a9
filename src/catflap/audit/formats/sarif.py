"""SARIF 2.1.0: code scanning of GitHub and others, editors, and tools that compare runs.

Source: OASIS, Static Analysis Results Interchange Format Version 2.1.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TextIO

from catflap import __version__
from catflap.audit.formats.jsontext import write_json
from catflap.audit.formats.paths import file_uri, uri_of
from catflap.audit.formats.sarif_rules import LEVELS, descriptors
from catflap.audit.report import State
from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Severity

if TYPE_CHECKING:
    from catflap.audit.formats.options import FormatOptions, Mend
    from catflap.audit.report import Located, Place, Report, Trouble

__all__ = ("write",)

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"
_FINGERPRINT = "catflap/v1"
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def write(report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write one run; what does not count is in it and marked."""
    rules = descriptors(report.findings, options.documentation)
    numbers = {slug: number for number, slug in enumerate(rules)}
    compared = any(each.state is State.BASELINE for each in report.findings)
    driver = {
        "name": "catflap",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": list(rules.values()),
    }
    if options.documentation:
        driver["informationUri"] = f"{options.documentation}/rules.md"
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, options)],
        "results": [
            _result(found, numbers[found.rule], options, compared=compared)
            for found in report.findings
        ],
    }
    if options.root:
        uri = f"{file_uri(options.root).rstrip('/')}/"
        run["originalUriBaseIds"] = {_ROOT: {"uri": uri}}
    write_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, stream)


def _result(
    found: Located, number: int, options: FormatOptions, *, compared: bool
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": number,
        "level": LEVELS[found.severity],
        "rank": _rank(found.severity, found.confidence),
        "message": {"text": _message(_sentences(found))},
        "locations": [_location(found, options)],
        "partialFingerprints": {_FINGERPRINT: found.fingerprint},
        "properties": {
            "severity": str(found.severity),
            "confidence": str(found.confidence),
            "kind": found.kind,
        },
    }
    if found.fix:
        made["properties"]["fix"] = found.fix
    if compared:
        # All results have it or none (section 3.27.24).
        made["baselineState"] = "unchanged" if found.state is State.BASELINE else "new"
    if found.state is State.SUPPRESSED:
        made["suppressions"] = [_suppression("inSource", found.reason)]
    elif found.state is State.BASELINE:
        made["suppressions"] = [_suppression("external", "in the baseline")]
    mend = options.fixes.get(found.fingerprint)
    if mend is not None:
        made["fixes"] = [_fix(found, mend, options)]
    return made


def _rank(severity: Severity, confidence: Confidence) -> float:
    """Return a place between 0 and 100: severity first, then how sure (section 3.27.25)."""
    steps = (severity - Severity.INFO) * len(Confidence) + confidence - Confidence.LOW
    return round(100.0 * (steps + 1) / (len(Severity) * len(Confidence)), 1)


def _sentences(found: Located) -> str:
    lines = [found.message]
    if found.mend:
        lines.append(f"Mend: {found.mend}")
    lines += [f"Note: {note}" for note in found.notes]
    return "\n".join(printable(line) for line in lines)


def _message(text: str) -> str:
    """Return a text in which nothing is a link or a placeholder.

    What stands in a file must not make a link on somebody's page (section 3.11.6), and what looks
    like a numbered placeholder is written twice (section 3.11.5). Braces of templates stay as
    they are: few viewers undo the doubling.
    """
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return _PLACEHOLDER.sub(r"{{\1}}", text)


def _location(found: Located, options: FormatOptions) -> dict[str, Any]:
    physical: dict[str, Any] = {
        "artifactLocation": _artifact(found.path, options),
        "region": _region(found.place),
    }
    within = found.command.start <= found.place.start and found.place.end <= found.command.end
    if within and found.command != found.place:
        # A context is a proper superset of its region (section 3.29.5).
        physical["contextRegion"] = _region(found.command)
    return {"physicalLocation": physical}


def _artifact(path: str, options: FormatOptions) -> dict[str, Any]:
    uri = uri_of(path, options.root)
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}


def _region(place: Place) -> dict[str, Any]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        "charOffset": place.start,
        "charLength": place.end - place.start,
    }


def _suppression(kind: str, reason: str) -> dict[str, Any]:
    made = {"kind": kind, "status": "accepted"}
    if reason:
        made["justification"] = printable(reason)
    return made


def _fix(found: Located, mend: Mend, options: FormatOptions) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(each.place), "insertedContent": {"text": each.text}}
        for each in mend.replacements
    ]
    change = {
        "artifactLocation": _artifact(found.path, options),
        "replacements": replacements,
    }
    return {
        "description": {"text": _message(printable(mend.description))},
        "artifactChanges": [change],
    }


def _invocation(report: Report, options: FormatOptions) -> dict[str, Any]:
    made: dict[str, Any] = {
        "executionSuccessful": not any(each.fatal for each in report.troubles),
        "exitCode": options.exit_status,
        "toolExecutionNotifications": [_notification(each, options) for each in report.troubles],
        "properties": {
            "files": report.files,
            "read": report.read,
            "commands": report.commands,
            "hidden": options.hidden,
        },
    }
    if options.root:
        made["workingDirectory"] = {"uri": f"{file_uri(options.root).rstrip('/')}/"}
    return made


def _notification(trouble: Trouble, options: FormatOptions) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(trouble.path, options)}
    if trouble.line:
        physical["region"] = {"startLine": trouble.line}
    return {
        "level": "error" if trouble.fatal else "warning",
        "message": {"text": _message(printable(trouble.message))},
        "locations": [{"physicalLocation": physical}],
    }
