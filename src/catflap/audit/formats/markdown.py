"""A comment on a change or a job's summary: a table, and the source of each finding folded away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from catflap.audit.formats.excerpt import rows
from catflap.audit.formats.pages import page_of
from catflap.audit.formats.paths import from_root
from catflap.audit.formats.summary import summary, trouble_sentence
from catflap.core.spans import printable
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.audit.formats.options import FormatOptions
    from catflap.audit.report import Located, Report

__all__ = ("write",)

_MOST_ROWS = 100
_MOST_TROUBLES = 20
_TABLE = 24_000
_DETAILS = 32_000
"""Characters of each; GitHub takes 65,536 in a comment."""

_WIDEST = 120
_MARKUP = frozenset("\\`*_[]|~$")
_AT_THE_BEGINNING = "#+-="
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_REFERENCE = re.compile(r"[@#](?=\w)|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_BREAK = "<!-- -->"


def write(report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write the findings that count, worst first; what does not fit is counted."""
    stream.writelines(f"{line}\n" for line in _lines(report, options))


def _lines(report: Report, options: FormatOptions) -> Iterator[str]:
    yield "### catflap audit"
    yield ""
    yield f"{_text(summary(report, options.hidden))}."
    findings = sorted(report.open, key=lambda each: (-each.severity, -each.confidence))
    if findings:
        yield ""
        yield "| severity | rule | place | what |"
        yield "|---|---|---|---|"
        table = _fitting((_row(found, options) for found in findings[:_MOST_ROWS]), _TABLE)
        yield from table
        if len(table) < len(findings):
            yield ""
            yield f"and {len(findings) - len(table):,} more."
        blocks = _fitting(("\n".join(_detail(found, options)) for found in findings), _DETAILS)
        yield from blocks
        if len(blocks) < len(findings):
            yield ""
            yield f"Details of {len(findings) - len(blocks):,} more are left out."
    if report.troubles:
        yield ""
        yield "Not read in full:"
        yield ""
        for trouble in report.troubles[:_MOST_TROUBLES]:
            yield f"- {_text(trouble_sentence(trouble))}"
        if len(report.troubles) > _MOST_TROUBLES:
            yield f"- and {len(report.troubles) - _MOST_TROUBLES:,} more"


def _row(found: Located, options: FormatOptions) -> str:
    sure = "" if found.confidence is Confidence.HIGH else f" ({found.confidence} confidence)"
    cells = (
        f"{found.severity}{sure}",
        _rule(found, options),
        _code(_place(found, options)),
        _text(found.message),
    )
    return f"| {' | '.join(cells)} |"


def _fitting(texts: Iterable[str], room: int) -> list[str]:
    """Return the first texts, as many as fit."""
    kept: list[str] = []
    for text in texts:
        room -= len(text) + 1
        if room < 0:
            break
        kept.append(text)
    return kept


def _detail(found: Located, options: FormatOptions) -> Iterator[str]:
    title = f"{found.severity}: {printable(found.rule)} at {_place(found, options)}"
    yield ""
    yield f"<details><summary>{_code(title)}</summary>"
    yield ""
    shown = [row for row in rows(found, _WIDEST) if row.number or row.text]
    if shown:
        source = "\n".join(
            f"{row.text}\n{' ' * row.before}{'^' * row.marked}".rstrip() for row in shown
        )
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", source)), default=0))
        yield f"{fence}text"
        yield source
        yield fence
        yield ""
    if found.mend:
        yield f"**Mend:** {_text(found.mend)}"
        yield ""
    for note in found.notes:
        yield f"- {_text(note)}"
    if found.notes:
        yield ""
    yield "</details>"


def _rule(found: Located, options: FormatOptions) -> str:
    page = page_of(found.rule, options.documentation)
    name = _text(found.rule)
    return f"[{name}]({page})" if page.startswith("http") else name


def _place(found: Located, options: FormatOptions) -> str:
    return f"{printable(from_root(found.path, options.root))}:{found.place.line}"


def _code(text: str) -> str:
    """Return a text in a monospaced font, everything in it as it stands.

    Hosts look for no names of people or issues in there; backticks could not hold each other.
    """
    shown = "".join(_ENTITIES.get(char, char) for char in printable(text))
    shown = "".join(f"&#{ord(char)};" if char in _MARKUP else char for char in shown)
    return f"<code>{shown}</code>"


def _text(text: str) -> str:
    """Return a text in which nothing is markup, a link, a mention of somebody or of an issue."""
    pieces: list[str] = []
    end = 0
    plain = printable(text)
    if plain[:1] and plain[0] in _AT_THE_BEGINNING:
        pieces.append("\\")
    for found in _REFERENCE.finditer(plain):
        pieces += (_escaped(plain[end : found.end()]), _BREAK)
        end = found.end()
    return "".join((*pieces, _escaped(plain[end:])))


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in _MARKUP else _ENTITIES.get(char, char) for char in text)
