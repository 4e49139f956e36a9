"""An audit of words and of processes: commands that are not written in a file."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.engine import report_of
from catflap.audit.neighbours import look_from
from catflap.audit.processes import running
from catflap.audit.reader import audit_reading, audit_text
from catflap.audit.tree import Found
from catflap.audit.words import read_words
from catflap.core.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.options import Options
    from catflap.audit.report import Report

__all__ = ("COMMAND_LINE", "audit_processes", "audit_words")

COMMAND_LINE = "command line"
"""The path of findings in words that stand after ``--``."""

_KIND = "cmdline"


def audit_words(words: Sequence[str], options: Options) -> Report:
    """Audit an argument vector, the program first, as if it were started here.

    One word with blanks in it is a command that somebody quoted as a whole; a shell reads it.
    """
    found = Found(COMMAND_LINE, "", given=True)
    look = look_from(os.getcwd()) if options.look else None
    if len(words) == 1 and len(words[0].split()) > 1:
        quoted = words[0].encode("utf-8", "surrogateescape")
        asked = replace(options, kind="shell", ignores=False)
        return report_of([audit_text(quoted, found, asked, look=look)], files=1)
    text, reading = read_words(words, Surroundings())
    return report_of([audit_reading(reading, text, found, _options(options), look)], files=1)


def audit_processes(options: Options) -> Report:
    """Audit what runs now, as far as this user may read it."""
    audited = []
    for process in running():
        found = Found(f"process {process.pid}", "", given=True)
        look = look_from(process.directory, process.root) if options.look else None
        audited.append(
            audit_text(
                process.data,
                found,
                _options(options),
                surroundings=process.surroundings,
                look=look,
            )
        )
    return report_of(audited, files=len(audited))


def _options(options: Options) -> Options:
    """Return the options for words: they have no comments."""
    return replace(options, kind=_KIND, ignores=False)
