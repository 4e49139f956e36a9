"""One file, from its bytes to its findings."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catflap.audit.command import Reading
from catflap.audit.decode import decode, passage_of
from catflap.audit.detect import find_kind, holds_word, is_report
from catflap.audit.fingerprint import fingerprints
from catflap.audit.judge import judge
from catflap.audit.locate import Lines, without_surrogates
from catflap.audit.report import Located, Trouble
from catflap.audit.sources.registry import find_source
from catflap.core.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.command import Command
    from catflap.audit.judge import Judged, Look
    from catflap.audit.options import Options
    from catflap.audit.report import Place
    from catflap.audit.sources.registry import Source
    from catflap.audit.tree import Found
    from catflap.findings.finding import Finding, Severity

__all__ = ("Audited", "audit_reading", "audit_text", "read_text")


@dataclass(frozen=True, slots=True)
class Audited:
    """What came of one file.

    Args:
        findings: worst first.
        troubles: what was not read, and why.
        commands: how many commands it holds.
        read: whether it was read at all; a file of no known kind is not.
    """

    findings: tuple[Located, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    commands: int = 0
    read: bool = False


def audit_text(
    data: bytes,
    found: Found,
    options: Options,
    *,
    surroundings: Surroundings | None = None,
    look: Look | None = None,
) -> Audited:
    """Read a file's bytes as its kind has it, judge its commands, apply its comments."""
    text = decode(data).text
    source, troubles = _source(found, text, options)
    if source is None:
        return Audited(troubles=troubles)
    reading = read_text(text, source, found.path, surroundings)
    if source.name == "cmdline":
        # What ends a word is shown as a blank; every place stays as it is.
        text = text.replace("\0", " ")
    audited = audit_reading(reading, text, found, replace(options, kind=source.name), look)
    return replace(audited, troubles=(*troubles, *audited.troubles))


def audit_reading(
    reading: Reading, text: str, found: Found, options: Options, look: Look | None
) -> Audited:
    """Judge the commands of a text that was read as the kind that the options name."""
    source = find_source(options.kind)
    if source is None:
        return Audited()
    lines = Lines(text)
    troubles = tuple(
        Trouble(found.path, problem.sentence(), lines.number(min(problem.span.start, len(text))))
        for problem in reading.problems
    )
    judged = judge(reading.commands, text, look)
    located = _locate(judged, reading.commands, lines, found, source, options)
    if options.ignores:
        located = _with_comments(located, lines, found, source, options)
    # What several values of a variable make of one command is one command.
    count = len({command.span for command in reading.commands})
    return Audited(tuple(located), troubles, count, read=True)


def read_text(
    text: str, source: Source, path: str, surroundings: Surroundings | None = None
) -> Reading:
    """Return the commands of a text; a command that two ways lead to is there once."""
    reading = source.read(passage_of(text), surroundings or Surroundings(written=True), path)
    seen: set[tuple[object, ...]] = set()
    commands: list[Command] = []
    for command in reading.commands:
        key = (command.span, tuple(word.pieces for word in command.words), command.surroundings)
        if key not in seen:
            seen.add(key)
            commands.append(command)
    return Reading(tuple(commands), reading.problems)


def _source(found: Found, text: str, options: Options) -> tuple[Source | None, tuple[Trouble, ...]]:
    if options.kind:
        return find_source(options.kind), ()
    if not found.given and is_report(found.path, text):
        return None, ()
    source = find_kind(found.path, text) or find_kind(os.path.abspath(found.file), text)
    if source is not None and source.name == "text" and found.given and _is_bare(found.path):
        source = None
    if source is None and found.given:
        if found.file and not holds_word(text.encode("utf-8", "replace")):
            # A hook names every file of a change; of one without the word there is nothing to say.
            return None, ()
        message = "of no known kind, read as a shell script; --kind names another"
        return find_source("shell"), (Trouble(found.path, message),)
    return source, ()


def _is_bare(path: str) -> bool:
    """Whether a file's name has no suffix: most such files that somebody names are scripts."""
    name = path.rpartition("/")[2].lstrip(".")
    return "." not in name and not name.endswith("file")


def _locate(  # noqa: PLR0913 - what stands on both sides of a file's findings
    judged: Sequence[Judged],
    commands: Sequence[Command],
    lines: Lines,
    found: Found,
    source: Source,
    options: Options,
) -> list[Located]:
    judged = [each for each in judged if _severity(each.finding, options) is not None]
    names = _names(judged, lines, found, options)
    located: list[Located] = []
    for each, name in zip(judged, names, strict=True):
        command = lines.place(each.command.span.start, each.command.span.end)
        made = _located(each.finding, command, name, lines, found, source, options)
        located.append(replace(made, fix=_fix(each, commands, lines.text, found, source)))
    return sorted(located, key=_order)


def _with_comments(
    located: list[Located], lines: Lines, found: Found, source: Source, options: Options
) -> list[Located]:
    if "catflap" not in lines.text.lower():
        return located
    # Imported when a file names catflap: most hold no such comment.
    from catflap.audit.suppress import Text, suppress

    off = {rule for rule, severity in options.severities.items() if severity is None}
    result = suppress(Text(lines, source.name, source.comments), located, on=options.today, off=off)
    about = [each for each in result.about_comments if _severity(each, options) is not None]
    causes = [(each.rule, "", lines.text[each.span.start : each.span.end]) for each in about]
    names = fingerprints(_identity(found, options), causes)
    for finding, name in zip(about, names, strict=True):
        place = lines.place(finding.span.start, finding.span.end)
        result.findings.append(_located(finding, place, name, lines, found, source, options))
    return sorted(result.findings, key=_order)


def _located(  # noqa: PLR0913 - what stands on both sides of one finding
    finding: Finding,
    command: Place,
    fingerprint: str,
    lines: Lines,
    found: Found,
    source: Source,
    options: Options,
) -> Located:
    place = lines.place(finding.span.start, finding.span.end)
    return Located(
        path=without_surrogates(found.path),
        kind=source.name,
        rule=finding.rule,
        severity=_severity(finding, options) or finding.severity,
        confidence=finding.confidence,
        message=without_surrogates(finding.message),
        place=place,
        command=command,
        excerpt=lines.excerpt(place),
        excerpt_line=place.line,
        fingerprint=fingerprint,
        mend=without_surrogates(finding.mend),
        notes=tuple(without_surrogates(note) for note in finding.notes),
    )


def _fix(
    judged: Judged, commands: Sequence[Command], text: str, found: Found, source: Source
) -> str:
    """Return ``safe`` or ``unsafe`` when the finding has a fix, else nothing.

    What runs, and words after ``--``, are no file that could be written.
    """
    if source.name == "cmdline" or not (found.file or found.path == "-"):
        return ""
    # Imported when there is something to mend: most files hold nothing.
    from catflap.audit.fix.offered import offer_of

    return offer_of(judged, commands, text)


def _severity(finding: Finding, options: Options) -> Severity | None:
    return options.severities.get(finding.rule, finding.severity)


def _names(judged: Sequence[Judged], lines: Lines, found: Found, options: Options) -> list[str]:
    """Return the fingerprints; copies of a command are counted in the order of the file."""
    order = sorted(range(len(judged)), key=lambda index: judged[index].finding.span)
    causes = [
        (
            judged[index].finding.rule,
            "\0".join(word.text for word in judged[index].command.words),
            lines.text[judged[index].finding.span.start : judged[index].finding.span.end],
        )
        for index in order
    ]
    names = [""] * len(judged)
    for index, name in zip(order, fingerprints(_identity(found, options), causes), strict=True):
        names[index] = name
    return names


def _identity(found: Found, options: Options) -> str:
    """Return the name of a file that does not depend on where the audit was started."""
    if not options.root or found.file == "":
        return found.path
    return os.path.relpath(os.path.abspath(found.file), options.root).replace(os.sep, "/")


def _order(located: Located) -> tuple[int, int, int, str]:
    return -located.severity, -located.confidence, located.place.start, located.rule
