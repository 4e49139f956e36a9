"""Programs that read another kind of file from their input: ``crontab -``, ``python -``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.unwrap.options import options
from catflap.audit.unwrap.texts import from_stdin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("at", "crontab", "interpreter", "of_kind")


def of_kind(kind: str, context: Context) -> Iterator[Command]:
    """Yield the commands of what comes in at the standard input, read as ``kind``."""
    from catflap.audit.shell.foreign import read_kind
    from catflap.audit.shell.words import as_passage

    if context.stdin is not None:
        passage = as_passage(context.stdin)
        yield from read_kind(kind, passage, replace(context, stdin=None))


def crontab(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``crontab`` and ``crontab -``: a table comes in."""
    rest = options(words, ("-u", "-c")).rest
    if rest >= len(words) or words[rest].text == "-":
        yield from of_kind("crontab", context)


def interpreter(
    kind: str, valued: str, inline: str
) -> Callable[[Sequence[Argument], Span, Context], Iterator[Command]]:
    """Return what takes off an interpreter, which reads its program from a word or its input.

    Args:
        kind: of file that its programs are.
        valued: options with a value, parted by blanks.
        inline: those whose value is the program.
    """
    programs = inline.split()

    def take_off(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
        from catflap.audit.shell.foreign import read_kind
        from catflap.audit.shell.words import as_passage

        given = options(words, (*valued.split(), *programs))
        for text in given.values(*programs):
            yield from read_kind(kind, as_passage(text.pieces), replace(context, stdin=None))
        if given.has("-m", *programs):
            return
        if given.rest >= len(words) or words[given.rest].text == "-":
            yield from of_kind(kind, context)

    return take_off


def at(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``at TIME`` and ``batch``, which read a script for later."""
    if not options(words, ("-f", "-q", "-t")).has("-f"):
        yield from from_stdin(context)
