"""``catflap fix``: mend unsafe commands where they are written down."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from catflap.audit.fix.file import Asked, fix_data
from catflap.audit.fix.write import replace_file
from catflap.audit.options import Options, today
from catflap.audit.sources.registry import SOURCES
from catflap.cli.completion import complete_rule
from catflap.cli.fix_report import Tally, show_diff, tell
from catflap.cli.words import is_built, is_option_built
from catflap.core.errors import ExitStatus, NoInputError, OperationError, UsageError
from catflap.core.spans import nearest, printable
from catflap.rules.registry import RULES, find_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Address
    from catflap.audit.fix.file import FixedFile
    from catflap.audit.settings import Settings
    from catflap.audit.tree import Found

__all__ = ("fix",)

_KINDS = click.Choice(list(dict.fromkeys(source.name for source in SOURCES)))
_EPILOG = """\b
Examples:
  # what would be changed, as a diff
  catflap fix run.sh
  # safe fixes, written into the files
  catflap fix --write .
  # also those that somebody has to look at, of one rule
  catflap fix --unsafe-fixes --rule plaintext-exposed deploy/
  # the same bridges by catflap in the place of socat
  catflap fix --to catflap run.sh
  # an editor's buffer
  catflap fix --kind shell - < run.sh

\b
A safe fix behaves as before, or is strictly narrower without breaking the intent. Each fix is tried
before it is offered: the file is read again, its other commands are the same, the finding is gone.
What nobody but you can know begins with CHANGE-ME.

Exit status: 0 there is nothing left to do; 10 there are fixes to write, or placeholders to fill in;
1 a file could not be read or written, 2 wrong words, 3 nothing to look at.
"""


@click.command(epilog=_EPILOG, context_settings={"max_content_width": 100})
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(allow_dash=True))
@click.option("--write", is_flag=True, help="Write the files; without it, a diff is printed.")
@click.option("--unsafe-fixes", is_flag=True, help="Make also fixes that somebody has to look at.")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="SLUG",
    shell_complete=complete_rule,
    help="Mend this rule's findings.",
)
@click.option("--to", "target", type=click.Choice(["catflap"]), help="Rewrite to catflap run.")
@click.option("--kind", type=_KINDS, metavar="KIND", help="Read every file as this kind.")
@click.option("--no-ignores", is_flag=True, help="Mend also what comments suppress.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="Settings; else catflap.toml or pyproject.toml.",
)
@click.option("--isolated", is_flag=True, help="Take no notice of settings in files.")
@click.option("--no-gitignore", is_flag=True, help="Look also at what git leaves out.")
@click.option("-q", "--quiet", is_flag=True, help="The diff alone: nothing about each fix.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours (auto: on a terminal).",
)
def fix(  # noqa: PLR0913 - one argument a flag
    *,
    paths: tuple[str, ...],
    write: bool,
    unsafe_fixes: bool,
    rules: tuple[str, ...],
    target: str | None,
    kind: str | None,
    no_ignores: bool,
    config: str | None,
    isolated: bool,
    no_gitignore: bool,
    quiet: bool,
    color: str,
) -> int:
    """Mend unsafe socat commands where they are written down.

    PATHs are files and directories, or - for the standard input, whose fixed text is printed;
    without any, this directory. Edits are as small as can be: quotes, comments and layout stay.
    """
    if isolated and config:
        raise click.UsageError("--isolated and --config exclude each other")
    if target and rules:
        raise click.UsageError("--to rewrites whole commands; --rule does not go with it")
    _check_paths(paths, write=write)
    _check_rules(rules)
    settings = _settings(paths, config or "", isolated=isolated)
    options = Options(today(), kind or "", not no_ignores, settings.severities, look=False)
    asked = Asked(unsafe_fixes, rules, _missing if target else None)
    tally = Tally(quiet=quiet, unsafe=unsafe_fixes)
    if paths == ("-",):
        return _filter(options, asked, tally)
    for done in _fixed(paths, settings, options, asked, tally, gitignore=not no_gitignore):
        if write and done.is_changed:
            _write(done, tally)
        elif done.is_changed:
            show_diff(done, color=color)
        tell(done, tally)
    tally.finish()
    if tally.failed:
        return ExitStatus.FAILURE
    pending = tally.placeholders if write else tally.applied
    return ExitStatus.TO_DO if pending else ExitStatus.OK


def _filter(options: Options, asked: Asked, tally: Tally) -> int:
    """Read the standard input, and print its text with fixes."""
    from catflap.audit.tree import Found

    done = fix_data(sys.stdin.buffer.read(), Found("-", "", given=True), options, asked)
    tell(done, tally)
    sys.stdout.buffer.write(done.data)
    sys.stdout.buffer.flush()
    tally.finish()
    return ExitStatus.OK


def _check_paths(paths: tuple[str, ...], *, write: bool) -> None:
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("- is the standard input, and stands alone")
    if "-" in paths and write:
        raise click.UsageError("the standard input cannot be written; its fixed text is printed")


def _check_rules(rules: tuple[str, ...]) -> None:
    for slug in rules:
        rule = find_rule(slug)
        if rule is None:
            close = nearest(slug, [each.slug for each in RULES])
            hint = f"did you mean {close}?" if close else "catflap list rules tells all"
            raise UsageError(f"there is no rule {printable(slug)}", hint=hint)
        if not rule.is_fixable:
            raise UsageError(f"{slug} has no fix: {rule.fixable}")


def _settings(paths: tuple[str, ...], config: str, *, isolated: bool) -> Settings:
    from catflap.audit.settings import Settings, find_settings, read_settings

    if isolated:
        return Settings()
    return read_settings(config) if config else find_settings(_top(paths))


def _top(paths: tuple[str, ...]) -> str:
    if not paths or paths == ("-",):
        return "."
    return os.path.commonpath([os.path.abspath(path) for path in paths])


def _fixed(  # noqa: PLR0913 - what is looked at, and how
    paths: tuple[str, ...],
    settings: Settings,
    options: Options,
    asked: Asked,
    tally: Tally,
    *,
    gitignore: bool,
) -> Iterator[FixedFile]:
    """Yield the files that hold the word, mended as far as they can be."""
    from catflap.audit.load import load
    from catflap.audit.tree import walk

    there = paths or (".",)
    if not any(os.path.lexists(path) for path in there):
        message = f"there is no {', '.join(printable(path) for path in there)}"
        raise NoInputError(message, "name files or directories, - for the standard input")

    def refused(path: str, error: OSError) -> None:
        tally.fail(path, f"cannot be read: {error.strerror or error}")

    for found in walk(there, excluded=settings.excluded, gitignore=gitignore, trouble=refused):
        loaded = load(found, options.largest)
        if loaded.trouble:
            tally.note(found.path, loaded.trouble, failed=found.given and loaded.unreadable)
        elif loaded.data and (done := _one(loaded.data, found, options, asked, tally)):
            yield done


def _one(
    data: bytes, found: Found, options: Options, asked: Asked, tally: Tally
) -> FixedFile | None:
    """Mend one file; what takes the auditor too long is told, and stays as it is."""
    from catflap.audit.work import audit_data

    audited = audit_data(data, found, options)
    if not audited.read:
        for trouble in audited.troubles:
            tally.note(found.path, trouble.message)
    if not audited.commands or not (audited.findings or asked.missing):
        return None
    return fix_data(data, found, options, asked)


def _write(done: FixedFile, tally: Tally) -> None:
    try:
        replace_file(done.found.file, done.before.encode(done.before.text), done.data)
    except OperationError as error:
        tally.fail(done.found.path, error.render())


def _missing(address: Address) -> str:
    """Return what of an address catflap cannot open, or nothing."""
    if address.kind is not None and not is_built(address.kind):
        return f"{address.kind.name} is not built yet"
    for option in address.options:
        row = option.row
        if row is not None and not is_option_built(row):
            return f"the option {row.name} is " + (row.refused or "not built yet")
    return ""
