"""The letters of socat's command line, and where its addresses begin.

As the C program reads them (socat.c of 1.8.1.3, its manual): a letter and its value may stand
together or apart, letters cannot be bundled, and the first word that does not start with ``-``,
or is ``-``, ``-,...``, ``-:...`` or ``-!!...``, begins the addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.address.model import Literal, Unknown, Word
from catflap.bridge.flags import FlagRow, Flags, FlagValue, GivenFlag, read_seconds
from catflap.core.spans import Problem, Span, excerpt, nearest
from catflap.core.units import parse_integer

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = (
    "DEFAULT_HALF_CLOSE",
    "NOTICE",
    "SOCAT_FLAGS",
    "SocatWords",
    "log_level",
    "read_socat_words",
    "word_of",
)

DEFAULT_HALF_CLOSE = 0.5
"""Seconds that ``-t`` waits for the other direction when nobody says otherwise."""

NOTICE = 2
"""The level of ``-d`` at which connections are told."""

_WARNINGS, _DEBUG = 1, 4
_DASHES = ("-,", "-:", "-!")

SOCAT_FLAGS: tuple[FlagRow, ...] = (
    FlagRow("-V", "print version and features, then end"),
    FlagRow("-h", "print help, then end; -hh and -hhh print more", FlagValue.LEVEL),
    FlagRow("-?", "as -h", FlagValue.LEVEL),
    FlagRow("-d", "log more: -dd or -d2 notices, up to -d4; -d0 errors alone", FlagValue.LEVEL),
    FlagRow("-D", "tell the descriptors before bytes flow"),
    FlagRow("-ly", "log to syslog", FlagValue.OPTIONAL, "FACILITY"),
    FlagRow("-lf", "log to a file", FlagValue.TEXT, "FILE"),
    FlagRow("-ls", "log to the standard error"),
    FlagRow("-lm", "log to the standard error, to syslog once it runs", FlagValue.OPTIONAL),
    FlagRow("-lp", "the program's name in the log and environment", FlagValue.TEXT, "NAME"),
    FlagRow("-lu", "times of the log in microseconds"),
    FlagRow("-lh", "the host's name in the log"),
    FlagRow("-v", "print what passes, as text"),
    FlagRow("-x", "print what passes, in hexadecimal"),
    FlagRow("-r", "write what passes from left to right to a file", FlagValue.TEXT, "FILE"),
    FlagRow("-R", "write what passes from right to left to a file", FlagValue.TEXT, "FILE"),
    FlagRow("-b", "bytes read at once (8192)", FlagValue.SIZE, "SIZE"),
    FlagRow("-s", "go on after errors"),
    FlagRow("-S", "signals that are only logged", FlagValue.MASK, "MASK"),
    FlagRow("-t", "after one side ended, wait so long (0.5)", FlagValue.SECONDS, "SECONDS"),
    FlagRow("-T", "end after so long without a byte (never)", FlagValue.SECONDS, "SECONDS"),
    FlagRow("-u", "only from the first address to the second"),
    FlagRow("-U", "only from the second address to the first"),
    FlagRow("-g", "do not check which address takes which option"),
    FlagRow("-L", "take a lock file, or fail", FlagValue.TEXT, "FILE"),
    FlagRow("-W", "take a lock file, or wait for it", FlagValue.TEXT, "FILE"),
    FlagRow("-4", "prefer IPv4"),
    FlagRow("-6", "prefer IPv6"),
    FlagRow("-0", "prefer no version of IP"),
    FlagRow("--statistics", "log bytes and packets at the end"),
    FlagRow("--experimental", "allow what is experimental"),
)
_ROWS = {row.name: row for row in SOCAT_FLAGS}
_TRAILING_IS_IGNORED = frozenset({"-ls", "-lu", "-lh", "-h", "-?"})


@dataclass(frozen=True, slots=True)
class SocatWords:
    """A command line of socat, read.

    Args:
        flags: what was understood.
        addresses: the words from the first address on; the program takes exactly two.
        problems: what the program would refuse, flags only.
        ends: whether ``-V`` or ``-h`` answers and ends before any address is looked at.
    """

    flags: Flags
    addresses: tuple[Word, ...]
    problems: tuple[Problem, ...]
    ends: bool = False


def read_socat_words(words: Sequence[Word], source: str, *, strict: bool = True) -> SocatWords:
    """Read the words after the program's name.

    Args:
        words: as the program would get them, known and unknown parts.
        source: what their places point into.
        strict: read as the program does, in which a word that is not a flag begins the addresses.
            Otherwise unknown words in front (``$OPTIONS``) are left out while more than two words
            are left over.

    Returns:
        What was read. It never raises; a program that is to run takes no problem.
    """
    return _Reader(list(words), source, strict=strict).read()


class _Reader:
    def __init__(self, words: list[Word], source: str, *, strict: bool) -> None:
        self._words = words
        self._source = source
        self._strict = strict
        self._given: list[GivenFlag] = []
        self._hidden: list[Word] = []
        self._problems: list[Problem] = []
        self._complete = True

    def read(self) -> SocatWords:
        at = 0
        ends = False
        while at < len(self._words) and not ends:
            word = self._words[at]
            if not self._strict and _may_be_flags(word):
                # Nothing of it is known: it is counted as an address only if one is missing.
                if _is_hidden(word):
                    self._hidden.append(word)
                self._complete = False
                at += 1
                continue
            if _is_address(word):
                break
            at, ends = self._flag(at)
        addresses = self._addresses(self._words[at:])
        self._check_once()
        flags = Flags(tuple(self._given), self._complete)
        return SocatWords(flags, () if ends else addresses, tuple(self._problems), ends)

    def _addresses(self, rest: list[Word]) -> tuple[Word, ...]:
        """Return the words that are addresses; of too many, those of which something is known."""
        found = [*self._hidden, *rest]
        if self._strict or len(found) <= 2:
            return tuple(found)
        certain = [word for word in found if not _is_hidden(word)]
        if len(certain) == 2:
            self._complete = False
            return tuple(certain)
        while len(found) > 2 and _is_hidden(found[0]):
            del found[0]
        return tuple(found)

    def _flag(self, at: int) -> tuple[int, bool]:
        """Read one flag; return where the next word is and whether the program ends here."""
        word = self._words[at]
        row, name = _row_of(word)
        if row is None:
            if word.known:
                self._complain(f"{excerpt(word.text)} is not an option of socat", word, name)
            return at + 1, False
        attached = _cut(word, len(name))
        ends = name in {"-V", "-h", "-?"}
        if row.value.required:
            return self._with_value(row, attached, at), ends
        if row.value is FlagValue.NONE and attached.parts and name not in _TRAILING_IS_IGNORED:
            if attached.known:
                self._complain(f"{name} takes no value; letters cannot be bundled", word, name)
            return at + 1, ends
        if name == "-d" and attached.known and not _is_level(attached.text):
            self._complain(f"{excerpt(word.text)} is not a level", word, "-d0")
            return at + 1, ends
        value = attached if attached.parts else None
        self._given.append(GivenFlag(row, value, word.span))
        return at + 1, ends

    def _with_value(self, row: FlagRow, attached: Word, at: int) -> int:
        word = self._words[at]
        if attached.parts:
            value, after = attached, at + 1
        elif at + 1 < len(self._words):
            value, after = self._words[at + 1], at + 2
        else:
            wanted = f"{row.name} {row.placeholder}"
            self._problems.append(
                Problem(f"{row.name} needs a value", word.span, self._source, wanted)
            )
            return at + 1
        self._given.append(GivenFlag(row, value, _together(word.span, value.span)))
        if value.known and not _is_right(row.value, value.text):
            message = f"{row.name} cannot be {excerpt(value.text) or 'empty'}"
            self._problems.append(Problem(message, value.span, self._source, row.value.value))
        return after

    def _check_once(self) -> None:
        locks = [flag for flag in self._given if flag.row.name in {"-L", "-W"}]
        if len(locks) > 1:
            message = "only one of -L and -W can be given, once"
            self._problems.append(Problem(message, locks[1].span, self._source))
        ways = [flag for flag in self._given if flag.row.name in {"-u", "-U"}]
        if len({flag.row.name for flag in ways}) > 1:
            message = "-u and -U exclude each other"
            self._problems.append(Problem(message, ways[-1].span, self._source))

    def _complain(self, message: str, word: Word, tried: str) -> None:
        close = "" if tried in _ROWS else nearest(tried, [row for row in _ROWS if len(row) > 3])
        self._problems.append(Problem(message, word.span, self._source, "", close))


def log_level(flags: Flags) -> int:
    """Return how much is logged: 0 errors, 1 warnings, 2 notices, 3 information, 4 everything."""
    level = 0
    given = [flag for flag in flags.given if flag.row.name == "-d"]
    for flag in given:
        text = flag.value.text if flag.value is not None and flag.value.known else ""
        level = int(text) if text.lstrip("-").isdecimal() else level + 1 + len(text)
    return min(level, _DEBUG) if given else _WARNINGS


def word_of(parts: Sequence[Literal | Unknown]) -> Word:
    """Return a word of these parts, its place from the first to the last."""
    kept = tuple(part for part in parts if part.text or isinstance(part, Unknown))
    spans = [part.span for part in kept or tuple(parts)]
    place = spans[0] if spans else Span(0, 0)
    for span in spans[1:]:
        place = _together(place, span)
    return Word(kept, place)


def _together(first: Span, last: Span) -> Span:
    """Return both places as one; the first alone when the last was written before it."""
    return first.cover(last) if first.start <= last.start else first


def _beginning(word: Word) -> str:
    """Return the known text at the start of a word."""
    first = word.parts[0] if word.parts else None
    return first.text if isinstance(first, Literal) else ""


def _is_address(word: Word) -> bool:
    start = _beginning(word)
    if start == "-":
        return len(word.parts) == 1
    return not start.startswith("-") or start.startswith(_DASHES)


def _is_hidden(word: Word) -> bool:
    """Whether nothing of a word is known."""
    return bool(word.parts) and all(isinstance(part, Unknown) for part in word.parts)


def _may_be_flags(word: Word) -> bool:
    """Whether a word may be flags of which nothing is known: ``$OPTIONS``, ``-$LETTER``."""
    return _is_hidden(word) or (_beginning(word) == "-" and len(word.parts) > 1)


def _row_of(word: Word) -> tuple[FlagRow | None, str]:
    """Return the row of a flag, and its letters as written."""
    text = _beginning(word)
    size = len(text) if text.startswith("--") else 3 if text.startswith("-l") else 2
    name = text[:size]
    return _ROWS.get(name), name


def _cut(word: Word, size: int) -> Word:
    """Return a word without its first characters, which are known."""
    first, *rest = word.parts
    exact = first.span.end - first.span.start == len(first.text)
    place = Span(first.span.start + size, first.span.end) if exact else first.span
    tail = (Literal(first.text[size:], place),) if len(first.text) > size else ()
    return word_of((*tail, *rest))


def _is_level(text: str) -> bool:
    if not text.strip("d"):
        return True
    return (
        text.isascii()
        and text.lstrip("-").isdecimal()
        and text.count("-") <= 1
        and int(text) <= _DEBUG
    )


def _is_right(value: FlagValue, text: str) -> bool:
    if value is FlagValue.SECONDS:
        return read_seconds(text) is not None
    if value in {FlagValue.SIZE, FlagValue.MASK}:
        try:
            parse_integer(text)
        except ValueError:
            return False
    return True
