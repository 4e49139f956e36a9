"""From text to tree: keyword, parameters, options, dual addresses.

``parse`` never raises; it returns the tree and what is wrong with its form. What the words mean is
judged by :mod:`catflap.address.check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.address.catalogue import find_kind, find_option
from catflap.address.lexer import Flaw, Lexer, Source
from catflap.address.model import Address, Dual, Endpoint, Literal, Option, Unknown, Word
from catflap.core.spans import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.address.rows import Kind

__all__ = ("Parsed", "command_flaws", "parse", "split_command")

_AFTER_PARAMETER = (":", ",", "!!")
_AFTER_NAME = ("=", ",", "!!")
_AFTER_VALUE = (",", "!!")
_TAKEN_BY_SOCAT = frozenset({Flaw.OPEN_BRACKET})


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree and everything that is wrong with its form."""

    endpoint: Endpoint
    problems: tuple[Problem, ...]
    source: Source


def parse(
    text: str | Sequence[Literal | Unknown],
    source_text: str | None = None,
    *,
    lenient: bool = False,
) -> Parsed:
    """Parse one address or two joined by ``!!``.

    Args:
        text: the address, or its known and unknown pieces with their places.
        source_text: what the places of the pieces point into.
        lenient: take what the C program takes, such as a bracket that is never closed.
    """
    return _Parser(Source(text, source_text), lenient=lenient).parse()


class _Parser:
    def __init__(self, source: Source, *, lenient: bool) -> None:
        self._source = source
        self._lexer = Lexer(source)
        self._lenient = lenient
        self._problems: list[Problem] = []

    def parse(self) -> Parsed:
        first = self._single()
        endpoint: Endpoint = first
        if self._lexer.looking_at("!!"):
            self._lexer.pos += 2
            second = self._single()
            endpoint = Dual(first, second, first.span.cover(second.span))
            if not self._lexer.at_end:
                self._complain("a dual address has two sides", self._lexer.pos)
        self._problems.extend(_worth_telling(self._lexer, lenient=self._lenient))
        return Parsed(endpoint, tuple(self._problems), self._source)

    def _complain(self, message: str, start: int) -> None:
        end = len(self._source.chars)
        span = self._source.span(start, end)
        self._problems.append(Problem(message, span, self._source.text, "READ!!WRITE"))

    def _single(self) -> Address:
        lexer = self._lexer
        start = lexer.pos
        keyword = lexer.word(_AFTER_PARAMETER)
        kind, implied = self._kind(keyword)
        parameters = list(implied)
        while lexer.looking_at(":"):
            lexer.pos += 1
            parameters.append(lexer.word(_AFTER_PARAMETER))
        options = []
        while lexer.looking_at(","):
            lexer.pos += 1
            option = self._option()
            if option is not None:
                options.append(option)
        span = self._source.span(start, lexer.pos)
        return Address(keyword, kind, tuple(parameters), tuple(options), span)

    def _kind(self, keyword: Word) -> tuple[Kind | None, tuple[Word, ...]]:
        """Return the kind and the parameters that a short form implies."""
        text = keyword.literal
        if text is not None:
            kind = find_kind(text)
            if kind is not None:
                return kind, ()
            if len(text) == 1 and text in "0123456789":
                return find_kind("FD"), (keyword,)
        if any(isinstance(part, Literal) and "/" in part.text for part in keyword.parts):
            return find_kind("GOPEN"), (keyword,)
        return None, ()

    def _option(self) -> Option | None:
        lexer = self._lexer
        start = lexer.pos
        name = lexer.word(_AFTER_NAME)
        value = None
        if lexer.looking_at("="):
            lexer.pos += 1
            value = lexer.word(_AFTER_VALUE)
        if not name.parts:
            if value is not None and not self._lenient:
                span = self._source.span(start, lexer.pos)
                problem = Problem(
                    "an option's name is missing before =", span, self._source.text, "NAME=VALUE"
                )
                self._problems.append(problem)
            return None
        literal = name.literal
        row = find_option(literal) if literal is not None else None
        return Option(name, value, row, self._source.span(start, lexer.pos))


def _worth_telling(lexer: Lexer, *, lenient: bool) -> Iterator[Problem]:
    """Yield the problems of the form; of what is still open at the end, the innermost alone.

    Whatever holds it is open only because it is.
    """
    open_told = False
    for flaw, problem in lexer.flaws:
        if lenient and flaw in _TAKEN_BY_SOCAT:
            continue
        if flaw is not Flaw.NUL:
            if open_told:
                continue
            open_told = True
        yield problem


def split_command(word: Word, most: int | None = None) -> tuple[Word, ...]:
    """Split the command line of EXEC into its words, by the same lexer, on blanks.

    Args:
        word: the parameter of EXEC.
        most: how many words are wanted; the others are not looked at.
    """
    return _split(Lexer(Source(word.parts)), most)


def command_flaws(word: Word, text: str) -> tuple[Problem, ...]:
    """Return what is wrong with the quoting within a command line.

    Args:
        word: the parameter of EXEC.
        text: what its places point into.
    """
    lexer = Lexer(Source(word.parts, text))
    _split(lexer)
    return tuple(_worth_telling(lexer, lenient=False))


def _split(lexer: Lexer, most: int | None = None) -> tuple[Word, ...]:
    words: list[Word] = []
    while most is None or len(words) < most:
        while lexer.looking_at(" "):
            lexer.pos += 1
        if lexer.at_end:
            return tuple(words)
        words.append(lexer.word((" ",)))
    return tuple(words)
