"""``catflap audit``: find unsafe commands wherever they are written down."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from catflap.audit.formats.registry import FORMATS
from catflap.audit.report import State
from catflap.audit.sources.registry import SOURCES
from catflap.cli.audit_inputs import Asked, audit_asked
from catflap.cli.audit_report import Shown, show
from catflap.cli.output import write_file
from catflap.core.errors import ExitStatus
from catflap.findings.finding import Confidence, Severity

if TYPE_CHECKING:
    from catflap.audit.report import Report

__all__ = ("audit",)

_WORDS = "catflap.audit.words"
_LEVELS = click.Choice([str(level) for level in Severity])
_SURENESS = click.Choice([str(level) for level in Confidence])
_KINDS = click.Choice(list(dict.fromkeys(source.name for source in SOURCES)))
_EPILOG = """\b
Examples:
  # everything below this directory that git does not leave out
  catflap audit
  # one command, before it is started
  catflap audit -- socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock
  # what runs on this machine now; as root, all of it
  catflap audit --processes
  # what another version of a file says
  git show HEAD:run.sh | catflap audit - --kind shell
  # for a code host: findings beside the lines
  catflap audit --format sarif -o catflap.sarif
  # begin with an old tree: only what is new fails from here on
  catflap audit --write-baseline catflap-baseline.json
  catflap audit --baseline catflap-baseline.json

\b
A finding is suppressed where it stands, with a reason, and until a day if you like:
  # catflap: ignore[wildcard-bind] until=2027-01-31 the firewall lets nobody else in

Exit status: 0 nothing at or above --fail-on; 11 info, 12 low, 13 medium, 14 high, 15 critical: the
worst that was found; 1 failed, 2 wrong words, 3 nothing to look at.
"""


class _Audit(click.Command):
    """A command whose words after ``--`` are a command of their own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep what follows ``--`` apart from the paths."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[_WORDS] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


@click.command(cls=_Audit, epilog=_EPILOG, context_settings={"max_content_width": 100})
@click.argument(
    "paths",
    nargs=-1,
    metavar="[PATH]... [-- COMMAND...]",
    type=click.Path(allow_dash=True),
)
@click.option("--processes", is_flag=True, help="Audit what runs on this machine now.")
@click.option("--kind", type=_KINDS, metavar="KIND", help="Read every file as this kind.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    help="How the report is written (text).",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Write the report there, whole or not at all.",
)
@click.option(
    "--fail-on", type=_LEVELS, help="The least severity that makes the exit status (medium)."
)
@click.option("--min-severity", type=_LEVELS, help="Show nothing below; the exit status stays.")
@click.option("--min-confidence", type=_SURENESS, help="Show nothing less sure; likewise.")
@click.option("--no-ignores", is_flag=True, help="Take no notice of comments that suppress.")
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(),
    help="Findings in it are marked and do not count.",
)
@click.option(
    "--write-baseline", metavar="FILE", type=click.Path(), help="Write what is found as a baseline."
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="Settings; else catflap.toml or pyproject.toml.",
)
@click.option("--isolated", is_flag=True, help="Take no notice of settings in files.")
@click.option("--no-gitignore", is_flag=True, help="Look also at what git leaves out.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes (one a processor).")
@click.option("-q", "--quiet", is_flag=True, help="Findings alone: no summary, no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Show also what is suppressed or known.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours (auto: on a terminal).",
)
@click.pass_context
def audit(  # noqa: PLR0913 - one argument a flag
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    processes: bool,
    kind: str | None,
    form: str,
    output: str | None,
    fail_on: str | None,
    min_severity: str | None,
    min_confidence: str | None,
    no_ignores: bool,
    baseline: str | None,
    write_baseline: str | None,
    config: str | None,
    isolated: bool,
    no_gitignore: bool,
    jobs: int | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> int:
    """Find unsafe socat and catflap commands wherever they are written down.

    PATHs are files and directories, or - for the standard input; without any, this directory.
    Scripts, units, Dockerfiles, compose files, manifests, workflows, playbooks, programs and
    documents are read; nothing is run.
    """
    asked = Asked(
        paths=paths,
        words=ctx.meta.get(_WORDS),
        processes=processes,
        kind=kind or "",
        ignores=not no_ignores,
        baseline=baseline or "",
        config=config or "",
        isolated=isolated,
        gitignore=not no_gitignore,
        jobs=jobs or 0,
        progress=_is_shown(quiet=quiet),
    )
    report, settings = audit_asked(asked)
    if write_baseline:
        report = _remembered(report, write_baseline)
    least = Severity[fail_on.upper()] if fail_on else settings.fail_on or Severity.MEDIUM
    status = _status(report, least)
    shown = Shown(
        form=form,
        output=output or "",
        color=color,
        quiet=quiet,
        verbose=verbose,
        severity=Severity[min_severity.upper()] if min_severity else Severity.INFO,
        confidence=Confidence[min_confidence.upper()] if min_confidence else Confidence.LOW,
    )
    show(report, shown, status)
    return status


def _remembered(report: Report, path: str) -> Report:
    """Write a baseline of what was found, and return the report with all of it known."""
    # Imported when it is asked for, as every rare part of this command.
    from catflap.audit.baseline import baseline_text, mark

    write_file(path, baseline_text(report))
    return mark(report, {each.fingerprint for each in report.findings})


def _is_shown(*, quiet: bool) -> bool:
    return sys.stderr.isatty() and not quiet


def _status(report: Report, least: Severity) -> int:
    worst = max((each.severity for each in report.findings if each.state is State.NEW), default=0)
    if worst >= least:
        return ExitStatus.FOUND_INFO + worst - Severity.INFO
    return ExitStatus.FAILURE if any(each.fatal for each in report.troubles) else ExitStatus.OK
