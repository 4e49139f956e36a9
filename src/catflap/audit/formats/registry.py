"""The list of all formats; a new one takes its file and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.audit.formats.options import FormatOptions
    from catflap.audit.report import Report

__all__ = ("FORMATS", "Format", "write_report")


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Args:
        name: as ``--format`` takes it.
        help: one line.
        module: what writes it, imported when it is asked for.
        for_people: whether it tells troubles and the summary itself; for the others they belong
            on the standard error.
    """

    name: str
    help: str
    module: str
    for_people: bool = False

    def write(self, report: Report, stream: TextIO, options: FormatOptions) -> None:
        """Write a report."""
        module = import_module(f"catflap.audit.formats.{self.module}")
        write = cast("Callable[[Report, TextIO, FormatOptions], None]", module.write)
        write(report, stream, options)


_ROWS = (
    Format("text", "for people: each finding with its source, then a summary", "text", True),
    Format("json", "for programs: schema in docs/reference/audit.schema.json", "json"),
    Format("sarif", "SARIF 2.1.0: code scanning, editors", "sarif"),
    Format("github", "workflow commands: annotations in GitHub Actions", "github"),
    Format("gitlab", "Code Quality: the widget in GitLab's merge requests", "gitlab"),
    Format("junit", "XML that every CI system shows as tests", "junit"),
    Format("markdown", "a comment or a job's summary", "markdown", True),
)

FORMATS: dict[str, Format] = {each.name: each for each in _ROWS}
"""By name, in the order of the help."""


def write_report(name: str, report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write a report in the format of this name.

    Raises:
        KeyError: there is none.
    """
    FORMATS[name].write(report, stream, options)
