"""For programs: the whole report as one JSON document of a stable shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from catflap import __version__
from catflap.audit.formats import document
from catflap.audit.formats.jsontext import write_json
from catflap.audit.formats.pages import ALL_RULES, page_of
from catflap.audit.formats.summary import counts
from catflap.audit.report import State

if TYPE_CHECKING:
    from catflap.audit.formats.options import FormatOptions
    from catflap.audit.report import Located, Place, Report, Trouble

__all__ = ("write",)


def write(report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write the report, all states of findings included."""
    made = document.Document(
        schema="urn:catflap:audit:1",
        version=document.VERSION,
        tool=document.Tool(name="catflap", version=__version__),
        summary=_summary(report, options),
        findings=[_finding(each, options) for each in report.findings],
        troubles=[_trouble(each) for each in report.troubles],
    )
    # Enumerations and tuples of the report become what JSON has.
    write_json(msgspec.to_builtins(made), stream)


def _summary(report: Report, options: FormatOptions) -> document.Summary:
    levels = {str(severity): number for severity, number in counts(report).items()}
    return document.Summary(
        files=report.files,
        read=report.read,
        commands=report.commands,
        **levels,
        suppressed=sum(each.state is State.SUPPRESSED for each in report.findings),
        baseline=sum(each.state is State.BASELINE for each in report.findings),
        hidden=options.hidden,
        exit_status=options.exit_status,
    )


def _finding(found: Located, options: FormatOptions) -> document.FindingRow:
    rule = ALL_RULES.get(found.rule)
    words: dict[str, Any] = {
        "severity": str(found.severity),
        "confidence": str(found.confidence),
        "state": found.state.value,
        "fix": found.fix or None,
    }
    return document.FindingRow(
        rule=found.rule,
        message=found.message,
        path=found.path,
        kind=found.kind,
        place=_place(found.place),
        command=_place(found.command),
        excerpt=document.Excerpt(line=found.excerpt_line, lines=list(found.excerpt)),
        mend=found.mend,
        notes=list(found.notes),
        reason=found.reason,
        fingerprint=found.fingerprint,
        cwe=rule.cwe if rule else None,
        page=page_of(found.rule, options.documentation),
        **words,
    )


def _place(place: Place) -> document.PlaceRow:
    return document.PlaceRow(
        line=place.line,
        column=place.column,
        end_line=place.end_line,
        end_column=place.end_column,
        start=place.start,
        end=place.end,
    )


def _trouble(trouble: Trouble) -> document.TroubleRow:
    return document.TroubleRow(
        path=trouble.path, line=trouble.line or None, message=trouble.message, fatal=trouble.fatal
    )
