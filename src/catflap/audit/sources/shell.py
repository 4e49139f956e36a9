"""Shell scripts, and the shell within every other kind of file."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.command import Reading
from catflap.audit.context import Context, Exhausted
from catflap.audit.shell.script import Script, names_relay
from catflap.core.spans import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.audit.command import Command
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_ROOT = re.compile(
    r"(?:id\s+-ru?|id\s+-u|\$\{?EUID|\$\{?UID|whoami|id\s+-un|\$\{?USER)\}?[)`\"'\s]*"
    r"(?:-ne\s+[\"']?0|-gt\s+0|!=\s*[\"']?(?:0|root)\b)[^\n]{0,40}\n?[^\n]{0,200}?"
    r"(?:\n[^\n]{0,200}){0,4}?\b(?:exit|exec\s+sudo|die|fail|error\w*)\b"
)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a shell script, or of any text that a shell reads.

    Args:
        passage: the text.
        surroundings: where it runs.
        path: the file's.
    """
    if not names_relay(passage):
        return Reading(())
    if not surroundings.user and _ROOT.search(passage.text):
        # It ends at once unless root starts it.
        surroundings = replace(surroundings, user="root")
    found: list[Command] = []
    problems: tuple[Problem, ...] = ()
    try:
        script = Script(passage, Context(surroundings, path=path))
        error = script.text.first_error()
        if error is not None:
            problems = (_partly(passage, error),)
        found.extend(script.commands())
    except Exhausted:
        problems = (_partly(passage, passage.span(0, 0)),)
        found.extend(_unfollowed(passage, Context(surroundings, path=path), found))
    found.sort(key=lambda command: command.span)
    return Reading(tuple(found), problems)


def _unfollowed(passage: Passage, context: Context, known: Iterable[Command]) -> Iterator[Command]:
    """Yield what stands there in so many words, when following the variables took too long."""
    places = {command.words[0].span for command in known if command.words}
    with contextlib.suppress(Exhausted):
        for command in Script(passage, context, plain=True).commands():
            if command.words[0].span not in places:
                yield command


def _partly(passage: Passage, span: Span) -> Problem:
    return Problem("partly read: this is not all shell that we understand", span, passage.text)
