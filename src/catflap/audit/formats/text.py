"""For people: each finding with its source, then troubles and a line that counts."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, TextIO

from catflap.audit.formats.excerpt import Row, rows
from catflap.audit.formats.pages import page_of
from catflap.audit.formats.paint import Paint
from catflap.audit.formats.summary import summary, trouble_sentence
from catflap.audit.report import State
from catflap.core.spans import printable
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.formats.options import FormatOptions
    from catflap.audit.report import Located, Report

__all__ = ("write",)

_WIDEST = 160


def write(report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write the findings that count, or all of them if asked to; then what was looked at."""
    paint = Paint(options.color, options.links)
    for found in report.findings:
        if options.verbose or found.state is State.NEW:
            stream.writelines(f"{line}\n" for line in _finding(found, paint, options))
            stream.write("\n")
    lead = paint.bold("not read in full")
    stream.writelines(f"{lead}: {trouble_sentence(trouble)}\n" for trouble in report.troubles)
    if not options.quiet:
        stream.write(f"{_counted(report, paint, options)}\n")


def _finding(found: Located, paint: Paint, options: FormatOptions) -> Iterator[str]:
    yield from _header(found, paint, options)
    margin = " " * len(str(found.place.end_line))
    place = f"{printable(found.path)}:{found.place.line}:{found.place.column}"
    yield f"{margin}{paint.frame('-->')} {place}"
    bar = paint.frame("|")
    if found.excerpt:
        yield f"{margin} {bar}"
        for row in rows(found, (options.width or _WIDEST) - len(margin) - 4):
            yield from _source(row, found, paint, margin)
    helps = list(_helps(found))
    if found.excerpt and helps:
        yield f"{margin} {bar}"
    for label, sentence in helps:
        yield from _folded(margin, label, printable(sentence), paint, options.width)


def _header(found: Located, paint: Paint, options: FormatOptions) -> Iterator[str]:
    """Yield severity, rule, how sure, whether it counts, and what is the case."""
    level, rule, message = str(found.severity), printable(found.rule), printable(found.message)
    sure = "" if found.confidence is Confidence.HIGH else f" ({found.confidence} confidence)"
    state = "" if found.state is State.NEW else f" ({_state(found)})"
    lead = f"{level}[{rule}]{sure}{state}: "
    linked = paint.link(page_of(found.rule, options.documentation), rule)
    painted = paint.level(found.severity, f"{level}[{linked}]") + paint.dim(f"{sure}{state}") + ": "
    lines = _fold(lead + message, options.width, "  ")
    first = lines[0].removeprefix(lead)
    if first == lines[0]:
        # So narrow that the head itself is folded.
        yield painted.rstrip()
        yield paint.bold(f"  {message}")
        return
    yield painted + paint.bold(first)
    yield from (paint.bold(line) for line in lines[1:])


def _state(found: Located) -> str:
    return "suppressed" if found.state is State.SUPPRESSED else "in the baseline"


def _source(row: Row, found: Located, paint: Paint, margin: str) -> Iterator[str]:
    bar = paint.frame("|")
    if not row.number:
        yield f"{margin} {bar} {row.text}"
        return
    number = paint.frame(f"{row.number:>{len(margin)}}")
    yield f"{number} {bar} {row.text}".rstrip()
    if row.marked:
        marks = paint.level(found.severity, "^" * row.marked)
        yield f"{margin} {bar} {' ' * row.before}{marks}"


def _helps(found: Located) -> Iterator[tuple[str, str]]:
    if found.mend:
        yield "mend", found.mend
    for note in found.notes:
        yield "note", note
    if found.fix == "safe":
        yield "fix", "catflap fix mends it"
    elif found.fix:
        yield "fix", "catflap fix --unsafe-fixes mends it; look at what it changes"
    if found.reason:
        yield "why", f"{_state(found)}: {found.reason}"


def _folded(margin: str, label: str, text: str, paint: Paint, width: int) -> Iterator[str]:
    lead = f"{margin} = {label}: "
    head, *rest = _fold(lead + text, width, " " * len(lead))
    painted = f"{margin} {paint.frame('=')} {paint.helpful(label)}: "
    yield painted + head.removeprefix(lead)
    yield from rest


def _fold(text: str, width: int, indent: str) -> list[str]:
    if not width:
        return [text]
    return textwrap.wrap(
        text,
        max(width, len(indent) + 20),
        subsequent_indent=indent,
        drop_whitespace=True,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [text]


def _counted(report: Report, paint: Paint, options: FormatOptions) -> str:
    """Return the summary, its first part in the colour of the worst finding."""
    line = summary(report, options.hidden)
    head, mark, rest = line.partition(";")
    worst = max((each.severity for each in report.open), default=None)
    shown = paint.helpful(head) if worst is None else paint.level(worst, head)
    return f"{shown}{mark}{rest}"
