"""Shows the report of ``catflap audit`` in the form that was asked for."""

from __future__ import annotations

import io
import os
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from catflap.audit.formats.options import FormatOptions
from catflap.audit.formats.registry import FORMATS, Format
from catflap.cli.output import write_file, write_out

if TYPE_CHECKING:
    from catflap.audit.report import Report
    from catflap.findings.finding import Confidence, Severity

__all__ = ("Shown", "show")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a report, and how.

    Args:
        form: a name of :data:`~catflap.audit.formats.registry.FORMATS`.
        output: a file, or nothing for the standard output.
        color: ``auto``, ``always`` or ``never``.
        verbose: whether findings that do not count are shown to people too.
        severity: nothing below it is shown.
        confidence: nothing less sure is shown.
    """

    form: str
    output: str
    color: str
    quiet: bool
    verbose: bool
    severity: Severity
    confidence: Confidence


def show(report: Report, shown: Shown, exit_status: int) -> None:
    """Write the report; what its format does not tell people goes to the standard error.

    Raises:
        OperationError: the file cannot be written.
    """
    form = FORMATS[shown.form]
    kept = _kept(report, shown)
    options = _options(shown, form, len(report.findings) - len(kept.findings), exit_status)
    stream = io.StringIO()
    form.write(kept, stream, options)
    if shown.output:
        write_file(shown.output, stream.getvalue())
    else:
        write_out(stream.getvalue())
    if not form.for_people or shown.output:
        _tell(kept, shown, options.hidden, troubles=not form.for_people)


def _kept(report: Report, shown: Shown) -> Report:
    kept = tuple(
        each
        for each in report.findings
        if each.severity >= shown.severity and each.confidence >= shown.confidence
    )
    return replace(report, findings=kept)


def _options(shown: Shown, form: Format, hidden: int, exit_status: int) -> FormatOptions:
    # Imported here: a page is of use only beside a finding.
    from catflap.audit.formats.pages import documentation

    terminal = not shown.output and sys.stdout.isatty()
    color = shown.color == "always" or (
        shown.color == "auto" and terminal and not os.environ.get("NO_COLOR")
    )
    return FormatOptions(
        color=color,
        links=terminal and color,
        width=shutil.get_terminal_size().columns if terminal else 0,
        quiet=shown.quiet,
        verbose=shown.verbose,
        documentation=documentation(os.environ, local=form.for_people and terminal),
        root=os.getcwd(),
        exit_status=exit_status,
        hidden=hidden,
    )


def _tell(report: Report, shown: Shown, hidden: int, *, troubles: bool) -> None:
    from catflap.audit.formats.summary import summary, trouble_sentence

    if troubles:
        for trouble in report.troubles:
            click.echo(f"catflap: not read: {trouble_sentence(trouble)}", err=True)
    if not shown.quiet:
        click.echo(f"catflap: {summary(report, hidden)}", err=True)
