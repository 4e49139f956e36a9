"""What ``catflap audit`` was asked to look at, and with which settings."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from catflap.audit.engine import Request, audit_paths, audit_standard_input
from catflap.audit.ignore import repository_above
from catflap.audit.load import LARGEST
from catflap.audit.options import Options, today
from catflap.audit.settings import Settings, find_settings, read_settings
from catflap.core.errors import NoInputError, UsageError
from catflap.core.spans import printable
from catflap.core.units import bytes_text

if TYPE_CHECKING:
    from catflap.audit.report import Report

__all__ = ("Asked", "audit_asked")


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the command line, as its options name them.

    Args:
        words: what stands after ``--``; ``None`` without it.
        progress: whether progress is shown.
    """

    paths: tuple[str, ...]
    words: tuple[str, ...] | None
    processes: bool
    kind: str
    ignores: bool
    baseline: str
    config: str
    isolated: bool
    gitignore: bool
    jobs: int
    progress: bool


def audit_asked(asked: Asked) -> tuple[Report, Settings]:
    """Return the report and the settings that held.

    Raises:
        UsageError: words or settings are wrong.
        OperationError: the baseline or the settings cannot be read.
        NoInputError: there was nothing to look at.
    """
    _check(asked)
    settings = _settings(asked)
    known: frozenset[str] = frozenset()
    baseline = asked.baseline or settings.baseline
    if baseline:
        from catflap.audit.baseline import read_baseline

        known = read_baseline(baseline)
    report = _audit(asked, settings)
    if known:
        from catflap.audit.baseline import mark

        report = mark(report, known)
    return report, settings


def _check(asked: Asked) -> None:
    sorts = [bool(asked.paths), asked.words is not None, asked.processes]
    if sum(sorts) > 1:
        raise click.UsageError("paths, --processes and words after -- exclude each other")
    if asked.words is not None and not asked.words:
        raise click.UsageError("no command stands after --")
    if "-" in asked.paths and len(asked.paths) > 1:
        raise click.UsageError("- is the standard input, and stands alone")
    if asked.isolated and asked.config:
        raise click.UsageError("--isolated and --config exclude each other")


def _settings(asked: Asked) -> Settings:
    if asked.isolated:
        return Settings()
    if asked.config:
        return read_settings(asked.config)
    if asked.words is not None or asked.processes:
        # What a directory decides about its files says nothing about what is started in it.
        return Settings()
    return find_settings(_top(asked.paths))


def _top(paths: tuple[str, ...]) -> str:
    """Return what holds all the paths."""
    if not paths or paths == ("-",):
        return "."
    return os.path.commonpath([os.path.abspath(path) for path in paths])


def _audit(asked: Asked, settings: Settings) -> Report:
    top = _top(asked.paths)
    directory = top if os.path.isdir(top) else os.path.dirname(os.path.abspath(top))
    options = Options(
        today(),
        kind=asked.kind,
        ignores=asked.ignores,
        severities=settings.severities,
        root=repository_above(directory) or os.getcwd(),
    )
    if asked.words is not None:
        from catflap.audit.live import audit_words

        return audit_words(asked.words, options)
    if asked.processes:
        from catflap.audit.live import audit_processes

        return audit_processes(options)
    if asked.paths == ("-",):
        return audit_standard_input(_standard_input(), options)
    return _files(asked, settings, options)


def _standard_input() -> bytes:
    data = sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UsageError(f"the standard input is larger than {bytes_text(LARGEST)}")
    return data


def _files(asked: Asked, settings: Settings, options: Options) -> Report:
    paths = asked.paths or (".",)
    there = [path for path in paths if os.path.lexists(path)]
    if not there:
        message = f"there is no {', '.join(printable(path) for path in paths)}"
        raise NoInputError(message, "name files or directories, - for the standard input")
    progress = _Progress() if asked.progress else None
    request = Request(
        paths,
        options,
        settings.excluded,
        gitignore=asked.gitignore,
        jobs=asked.jobs,
        progress=progress.tell if progress else None,
    )
    try:
        report = audit_paths(request)
    finally:
        if progress:
            progress.clear()
    if report.files or any(trouble.fatal for trouble in report.troubles):
        return report
    shown = ", ".join(printable(path) for path in paths)
    raise NoInputError(f"no file in {shown}", "what git leaves out is seen with --no-gitignore")


class _Progress:
    """One line on the terminal that is written over."""

    def __init__(self) -> None:
        self._written = False

    def tell(self, files: int, read: int) -> None:
        sys.stderr.write(f"\r\x1b[K{files:,} files, {read:,} with a relay's name")
        sys.stderr.flush()
        self._written = True

    def clear(self) -> None:
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
