"""Comments by which somebody takes a finding upon himself, as they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("Comment", "Slug", "openers_of", "parse_comments")

_MARK = re.compile(r"catflap:[ \t]*ignore(?P<file>-file)?(?![\w-])", re.IGNORECASE)
# A template's comments and those of a shell may stand within any kind of file.
_EVERYWHERE = ("#", "{#", "{{/*", "{{-/*", "{{- /*")
_CLOSERS = ("-->", "*/", "#}", "#>", "-}}", "}}")
_LIST = re.compile(r"[ \t]*\[(?P<slugs>[^\]\r\n]*)(?P<end>\]?)")
_SLUG = re.compile(r"[^\s,]+")
_UNTIL = re.compile(r"(?<!\S)until=(?P<date>[^\s,]*),?", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BEFORE_REASON = " \t,:;\N{EN DASH}\N{EM DASH}-"


@dataclass(frozen=True, slots=True)
class Slug:
    """The name of a rule in a comment."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Comment:
    """``# catflap: ignore[rule, rule] until=2027-01-31 reason``.

    Args:
        span: from ``catflap:`` to the end of the reason.
        slugs: the rules it names.
        whole_file: whether it says ``ignore-file``.
        alone: whether nothing else stands on its line.
        until: the last day on which it holds, if it says one.
        reason: why.
        problem: what is wrong with how it is written, or nothing.
    """

    span: Span
    slugs: tuple[Slug, ...]
    whole_file: bool = False
    alone: bool = False
    until: date | None = None
    reason: str = ""
    problem: str = ""


def openers_of(comments: Sequence[str]) -> tuple[str, ...]:
    """Return what may begin a comment in a kind of file, longest first."""
    found = {*_EVERYWHERE, *comments}
    if "//" in comments:
        found.add("/*")
    return tuple(sorted(found, key=lambda opener: (-len(opener), opener)))


def parse_comments(text: str, openers: Sequence[str]) -> Iterator[Comment]:
    """Yield the comments in a text; whatever the text, this raises nothing.

    ``catflap:`` counts right behind what begins a comment, and nowhere else.
    """
    for mark in _MARK.finditer(text):
        start = text.rfind("\n", 0, mark.start()) + 1
        end = text.find("\n", mark.end())
        end = len(text) if end < 0 else end
        opener = _opener(text[start : mark.start()], openers)
        if opener is not None:
            before = text[start : mark.start()].rstrip(" \t").removesuffix(opener)
            alone = not before.strip(" \t*/#;!")
            yield _comment(text, mark, _closed(text, mark.end(), end), alone=alone)


def _opener(before: str, openers: Sequence[str]) -> str | None:
    stripped = before.rstrip(" \t")
    for opener in openers:
        if stripped.endswith(opener):
            left = stripped.removesuffix(opener)
            # "a#b" is a word in every language; "## text" is a comment.
            if not left or left[-1] in " \t;)}," or left.endswith(opener):
                return opener
    return None


def _closed(text: str, start: int, end: int) -> int:
    """Return where the comment's text ends: at its closing mark or at the end of the line."""
    for closer in _CLOSERS:
        found = text.find(closer, start, end)
        if found >= 0:
            end = found
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _comment(text: str, mark: re.Match[str], end: int, *, alone: bool) -> Comment:
    whole_file = mark["file"] is not None
    span = Span(mark.start(), max(mark.end(), end))
    found = _LIST.match(text, mark.end(), end)
    if found is None or not found["end"]:
        problem = "names no rule: write ignore[RULE] reason"
        return Comment(span, (), whole_file, alone, problem=problem)
    offset = found.start("slugs")
    slugs = tuple(
        Slug(each[0], Span(offset + each.start(), offset + each.end()))
        for each in _SLUG.finditer(found["slugs"])
    )
    rest = text[found.end() : end]
    until, problem = None, ""
    said = _UNTIL.search(rest)
    if said is not None:
        until = _date(said["date"])
        problem = "" if until else f"until={said['date']} is no date such as 2027-01-31"
        rest = f"{rest[: said.start()]} {rest[said.end() :]}"
    if not slugs:
        problem = "names no rule: write ignore[RULE] reason"
    return Comment(span, slugs, whole_file, alone, until, _reason(rest), problem)


def _reason(rest: str) -> str:
    return " ".join(rest.strip(_BEFORE_REASON).split())


def _date(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
