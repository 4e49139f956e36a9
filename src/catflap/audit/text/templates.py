"""Holes for what a template engine fills in before the program sees the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import HOLE, Passage
from catflap.audit.text.lines import glue

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("autoconf", "hole", "jinja", "placeholders", "rewrite")

_JINJA = re.compile(r"\{\{.{0,300}?\}\}|\{%.{0,300}?%\}|\{#.{0,300}?#\}|<%=?.{0,300}?%>", re.DOTALL)
_AUTOCONF = re.compile(r"@[A-Za-z_][A-Za-z0-9_]*@")
_PLACEHOLDER = re.compile(
    r"(?<![<\w$])<[A-Za-z](?:[\w .:/-]{0,60}\w)?>|(?<=[:=,@])<[\w .-]{1,60}>"
    # An ellipsis, a name in capitals, and what is written for a name that only the reader knows.
    r"|(?<![\w.])(?:\.\.\.|\N{HORIZONTAL ELLIPSIS})(?![\w./])"
    r"|(?:(?<=:)|(?<=@)|(?<=bind=))(?:[A-Z][A-Z0-9]{0,30}(?:[_-][A-Z0-9]{1,30}){0,4}"
    r"|x\.x\.x\.x|\d{1,3}(?:\.(?:\d{1,3}|[xX]{1,3})){0,2}\.[xX]{1,3}"
    r"|(?i:(?!localhost)(?:example|hostname|(?:your|some|my)[-_][a-z0-9_-]{1,30}|yourhost|yourserver"
    r"|(?:remote|target|server|local|host)[-_]?(?:ip|host|name|addr|address|port))))(?=[:,/\s'\"`]|\Z)"
)


def hole(passage: Passage, start: int, end: int) -> Passage:
    """Return one unknown part that stands for a stretch of a passage."""
    span = passage.span(start, end)
    return Passage(HOLE, [span.start], [span.end], {0: passage.text[start:end]})


def rewrite(
    passage: Passage,
    pattern: re.Pattern[str],
    meaning: Callable[[Passage, re.Match[str]], Passage],
) -> Passage:
    """Return the passage with each match replaced by what it means."""
    parts: list[Passage] = []
    at = 0
    for found in pattern.finditer(passage.text):
        parts.extend((passage.part(at, found.start()), meaning(passage, found)))
        at = found.end()
    if not parts:
        return passage
    parts.append(passage.part(at, len(passage.text)))
    return glue(parts)


def _whole(passage: Passage, found: re.Match[str]) -> Passage:
    return hole(passage, found.start(), found.end())


def jinja(passage: Passage) -> Passage:
    """Return it with expressions of Jinja, Go templates and ERB unknown, their statements gone."""
    if "{{" not in passage.text and "{%" not in passage.text and "<%" not in passage.text:
        return passage

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        if found[0].startswith(("{{", "<%=")):
            return _whole(inside, found)
        return Passage("", inside.start(found.start()))

    return rewrite(passage, _JINJA, meaning)


def autoconf(passage: Passage) -> Passage:
    """Return it with ``@bindir@`` and the like unknown, as in files that configure fills in."""
    return rewrite(passage, _AUTOCONF, _whole) if "@" in passage.text else passage


def placeholders(passage: Passage) -> Passage:
    """Return it with ``<host>``, ``HOST`` and ``...`` unknown: what the reader has to fill in."""
    return rewrite(passage, _PLACEHOLDER, _whole)
