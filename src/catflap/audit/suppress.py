"""Suppression by comments: what they take away, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catflap.audit import suppression_rules
from catflap.audit.comments import openers_of, parse_comments
from catflap.audit.genuine import Genuine
from catflap.audit.reach import reach_of
from catflap.audit.report import State
from catflap.core.spans import excerpt, nearest, printable
from catflap.findings.finding import Confidence, Finding
from catflap.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from catflap.audit.comments import Comment, Slug
    from catflap.audit.locate import Lines
    from catflap.audit.report import Located
    from catflap.core.spans import Span
    from catflap.rules.rule import Rule

__all__ = ("Suppressed", "Text", "suppress")

_HEAD = 30
"""A comment for the whole file stands among its first lines, so many, where a reader meets it."""

_DOCUMENTS = frozenset({"markdown", "rst", "text"})


@dataclass(frozen=True, slots=True)
class Text:
    """What was read: its lines, its kind, and what begins a comment in it."""

    lines: Lines
    kind: str
    comments: Sequence[str]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The findings, those that a comment took away marked; and what is wrong with comments."""

    findings: list[Located]
    about_comments: list[Finding]


@dataclass(frozen=True, slots=True)
class _Reach:
    comment: Comment
    first: int
    last: int

    def covers(self, found: Located) -> bool:
        return self.comment.whole_file or any(
            place.line <= self.last and self.first <= place.end_line
            for place in (found.command, found.place)
        )


def suppress(
    text: Text, found: Sequence[Located], *, on: date, off: Collection[str] = ()
) -> Suppressed:
    """Apply the comments of a text.

    Args:
        text: what was read.
        found: its findings.
        on: the day for which comments hold or not.
        off: rules that the settings turn off; comments about them are not called useless.
    """
    openers = openers_of(text.comments)
    problems: list[Finding] = []
    reaches: list[_Reach] = []
    document = text.kind in _DOCUMENTS
    commands = [(each.command.start, each.command.end) for each in found]
    genuine = Genuine(text.lines.text, text.kind, commands)
    for comment in parse_comments(text.lines.text, openers):
        if not genuine.is_comment(comment.span.start):
            continue
        first, last = reach_of(comment, text.lines, openers, document=document)
        reach = _Reach(comment, first, last)
        if document and not any(reach.covers(each) for each in found):
            # A document that tells how to suppress is no attempt to.
            continue
        wrong = list(_wrong(comment, text.lines, on))
        problems += wrong
        if not any(each.rule in _VOID for each in wrong):
            reaches.append(reach)
    marked, used = _mark(found, reaches)
    for number, reach in enumerate(reaches):
        for slug in reach.comment.slugs:
            if slug.text not in off and _known(slug.text) and (number, slug.text) not in used:
                problems.append(_unused(slug, text.lines))
    return Suppressed(marked, sorted(problems, key=lambda each: each.span))


_VOID = frozenset(
    rule.slug
    for rule in (
        suppression_rules.WITHOUT_REASON,
        suppression_rules.EXPIRED,
        suppression_rules.MALFORMED,
    )
)


def _mark(
    found: Sequence[Located], reaches: Sequence[_Reach]
) -> tuple[list[Located], set[tuple[int, str]]]:
    """Return the findings with what is suppressed marked, and which names of which comments did."""
    used: set[tuple[int, str]] = set()
    marked = []
    for each in found:
        reason = None
        for number, reach in enumerate(reaches):
            if any(slug.text == each.rule for slug in reach.comment.slugs) and reach.covers(each):
                used.add((number, each.rule))
                reason = reach.comment.reason if reason is None else reason
        marked.append(
            each if reason is None else replace(each, state=State.SUPPRESSED, reason=reason)
        )
    return marked, used


def _wrong(comment: Comment, lines: Lines, on: date) -> Iterator[Finding]:
    if comment.problem:
        yield _tell(suppression_rules.MALFORMED, comment.span, lines, comment.problem)
        return
    if comment.whole_file and lines.number(comment.span.start) > _HEAD:
        message = f"ignore-file counts within the first {_HEAD} lines, not here"
        yield _tell(suppression_rules.MALFORMED, comment.span, lines, message)
        return
    for slug in comment.slugs:
        if not _known(slug.text):
            yield _unknown(slug, lines)
    if not comment.reason:
        message = "this comment gives no reason, so it suppresses nothing"
        yield _tell(suppression_rules.WITHOUT_REASON, comment.span, lines, message)
    if comment.until is not None and comment.until < on:
        message = f"this comment held until {comment.until}, so it suppresses nothing"
        yield _tell(suppression_rules.EXPIRED, comment.span, lines, message)


def _known(slug: str) -> bool:
    return any(rule.slug == slug for rule in RULES)


def _unknown(slug: Slug, lines: Lines) -> Finding:
    shown = printable(excerpt(slug.text))
    if suppression_rules.find_suppression_rule(slug.text):
        message = f"{shown} is about comments; no comment can suppress it"
        return _tell(suppression_rules.UNKNOWN_RULE, slug.span, lines, message)
    close = nearest(slug.text, (rule.slug for rule in RULES))
    message = f"there is no rule {shown}" + (f"; did you mean {close}?" if close else "")
    mend = f"write {close}" if close else "catflap list rules tells all of them"
    return _tell(suppression_rules.UNKNOWN_RULE, slug.span, lines, message, mend)


def _unused(slug: Slug, lines: Lines) -> Finding:
    message = f"{slug.text} is not found here, so there is nothing to suppress"
    mend = f"take {slug.text} out of the comment"
    return _tell(suppression_rules.UNUSED, slug.span, lines, message, mend)


def _tell(rule: Rule, span: Span, lines: Lines, message: str, mend: str = "") -> Finding:
    return Finding(
        rule.slug,
        rule.worst,
        Confidence.HIGH,
        message,
        lines.text,
        span,
        mend or rule.mend[0].lower() + rule.mend[1:].rstrip("."),
    )
