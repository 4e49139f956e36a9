"""The options of ``catflap run``, for who reads the command without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.model import Literal, Unknown, Word
from catflap.bridge.flags import FlagRow, Flags, FlagValue, GivenFlag
from catflap.bridge.socat_flags import SocatWords, word_of
from catflap.core.spans import Problem, Span, excerpt, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("RUN_FLAGS", "read_run_words")

RUN_FLAGS: tuple[FlagRow, ...] = (
    FlagRow("-h", "print help, then end"),
    FlagRow("--help", "print help, then end"),
    FlagRow("--once", "serve one session, then end"),
    FlagRow("-u", "only from the first address to the second"),
    FlagRow("-U", "only from the second address to the first"),
    FlagRow("--unsafe", "accept one finding", FlagValue.TEXT, "RULE[=REASON]"),
    FlagRow("--idle-timeout", "limit of a silence", FlagValue.SECONDS, "DURATION"),
    FlagRow("--half-close-timeout", "limit after one end", FlagValue.SECONDS, "DURATION"),
    FlagRow("--handshake-timeout", "limit of a handshake", FlagValue.SECONDS, "DURATION"),
    FlagRow("--connect-timeout", "limit of a connect", FlagValue.SECONDS, "DURATION"),
    FlagRow("--limit", "what may be used up", FlagValue.TEXT, "NAME=VALUE"),
    FlagRow("--drain-timeout", "limit after SIGTERM", FlagValue.SECONDS, "DURATION"),
    FlagRow("--log", "where events go", FlagValue.TEXT),
    FlagRow("--log-file", "append events to a file", FlagValue.TEXT, "FILE"),
    FlagRow("--log-format", "human or json", FlagValue.TEXT),
    FlagRow("--log-level", "the least level told", FlagValue.TEXT),
    FlagRow("--log-full", "refuse or drop", FlagValue.TEXT),
    FlagRow("--control", "answer over a control socket"),
    FlagRow("--state", "directory of that socket", FlagValue.TEXT, "DIR"),
    FlagRow("--metrics", "where metrics are served", FlagValue.TEXT, "WHERE"),
    FlagRow("--dump", "show the payload", FlagValue.TEXT),
)
"""As in :mod:`catflap.cli.run`, which a test compares."""

_ROWS = {row.name: row for row in RUN_FLAGS}


def read_run_words(words: Sequence[Word], source: str) -> SocatWords:
    """Read the words after ``catflap run``: options may stand anywhere, ``--`` ends them.

    Returns:
        What was read; it never raises. Unknown words count as addresses only when one is missing.
    """
    given: list[GivenFlag] = []
    addresses: list[Word] = []
    problems: list[Problem] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        text = _beginning(word)
        if text == "--" and len(word.parts) == 1:
            addresses += rest
            break
        if not text.startswith("-") or (text == "-" and len(word.parts) == 1):
            addresses.append(word)
            continue
        name, value = _halves(word)
        row = _ROWS.get(name)
        if row is None:
            if word.known:
                message = f"{excerpt(word.text)} is not an option of catflap run"
                problems.append(Problem(message, word.span, source, "", nearest(name, _ROWS)))
            continue
        if row.value.required and value is None and rest:
            value = rest.pop(0)
        if row.value.required and value is None:
            problems.append(Problem(f"{name} needs a value", word.span, source))
            continue
        given.append(GivenFlag(row, value, word.span))
    ends = any(flag.row.name in {"-h", "--help"} for flag in given)
    kept, complete = _kept(addresses)
    return SocatWords(Flags(tuple(given), complete), kept, tuple(problems), ends)


def _kept(addresses: list[Word]) -> tuple[tuple[Word, ...], bool]:
    """Return the addresses without unknown words that are one too many."""
    certain = [word for word in addresses if any(isinstance(part, Literal) for part in word.parts)]
    if len(addresses) > 2 and len(certain) == 2:
        return tuple(certain), False
    return tuple(addresses), True


def _beginning(word: Word) -> str:
    first = word.parts[0] if word.parts else None
    return first.text if isinstance(first, Literal) else ""


def _halves(word: Word) -> tuple[str, Word | None]:
    """Return the name of an option and its value, where one is attached."""
    text = _beginning(word)
    name, equals, _ = text.partition("=")
    if not text.startswith("--"):
        return (text if text in _ROWS else text[:2]), None
    if not equals:
        return name, None
    size = len(name) + 1
    first = word.parts[0]
    place = Span(min(first.span.start + size, first.span.end), first.span.end)
    tail: tuple[Literal | Unknown, ...] = (Literal(text[size:], place),)
    return name, word_of((*tail, *word.parts[1:]))
