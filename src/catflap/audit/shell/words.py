"""Gives words as a program gets them: quotes gone, variables followed, fields split.

POSIX.1-2024, Shell Command Language, section 2.6: parameter expansion, field splitting, quote
removal. What only running the shell tells stays unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from catflap.address.model import Literal, Unknown
from catflap.audit.command import Argument
from catflap.audit.shell.lexer import Lexer, PartKind
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.context import Budget
    from catflap.audit.passage import Passage
    from catflap.audit.shell.lexer import Part, Word

__all__ = ("Expander", "Piece", "Values", "as_passage", "known")

Piece = Literal | Unknown

_PARAMETER = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_]\w*|[0-9]+|[@*#?$!-])(?P<index>\[[@*]\])?"
    r"(?:(?P<operator>:?[-=+?])(?P<rest>.*))?\}|(?P<bare>[A-Za-z_]\w*|[0-9@*#?$!-]))",
    re.DOTALL | re.ASCII,
)
_LOOKED_UP = re.compile(
    r"(?:\$\(|`)\s*(?:(?:command|type)\s+-[vpP]|which(?:\s+-\w+)?)\s+[\"']?(?P<program>[\w./+-]+)[\"']?"
    r"(?:\s*2?&?>+\s*\S+|\s*\|\|[^)`]*)*\s*(?:\)|`)"
)
_BLANKS = re.compile(r"[ \t\r\n]+")
_DEEPEST = 12


class Values(Protocol):
    """What variables are known to hold."""

    def scalar(self, name: str, at: int) -> tuple[Piece, ...] | None:
        """Return what a variable holds where it is used; ``None`` when that is not known."""

    def array(self, name: str, at: int) -> tuple[Argument, ...] | None:
        """Return the words of an array where it is used; ``None`` when they are not known."""

    def is_set(self, name: str, at: int) -> bool:
        """Whether anything in the file gives the variable a value that can reach a place."""


class _Atom(NamedTuple):
    """A piece of a word, and whether blanks in it part words."""

    piece: Piece
    splits: bool


class _Break(NamedTuple):
    """A whole word among the atoms: an array's element that is followed by another."""


class Expander:
    """Expands words of one passage.

    Args:
        passage: in which they stand.
        values: of variables; nothing is known without.
        budget: of the file.
    """

    __slots__ = ("_budget", "_depth", "_passage", "_values")

    def __init__(self, passage: Passage, values: Values | None, budget: Budget) -> None:
        """Take the passage and what variables hold."""
        self._passage = passage
        self._values = values
        self._budget = budget
        self._depth = 0

    def fields(self, words: Sequence[Word], at: int | None = None) -> Iterator[Argument]:
        """Yield the words that a program gets.

        Args:
            words: as they are written.
            at: where they are used, when that is not where they stand.
        """
        for word in words:
            span = self._passage.span(word.start, word.end)
            if len(word.parts) == 1 and word.parts[0].kind is PartKind.TEXT:
                part = word.parts[0]
                yield Argument(self._passage.pieces(part.start, part.end), span)
                continue
            atoms = self._atoms(word.parts, word.start if at is None else at)
            yield from _split(atoms, span, keep_empty=word.quoted)

    def scalar(self, word: Word, at: int | None = None) -> tuple[Piece, ...]:
        """Return what an assignment of this word gives: nothing is split."""
        atoms = self._atoms(word.parts, word.start if at is None else at)
        return tuple(
            Literal(" ", Span(0, 0)) if isinstance(atom, _Break) else atom.piece for atom in atoms
        )

    def unquoted(self, parts: Sequence[Part], at: int) -> tuple[Piece, ...]:
        """Return the pieces of a text that was read as between quotes."""
        return tuple(atom.piece for atom in self._atoms(parts, at) if isinstance(atom, _Atom))

    def _atoms(self, parts: Sequence[Part], at: int) -> list[_Atom | _Break]:
        found: list[_Atom | _Break] = []
        for part in parts:
            if part.kind is PartKind.TEXT:
                pieces = self._passage.pieces(part.start, part.end)
                found.extend(_Atom(piece, False) for piece in pieces)
            elif part.kind is PartKind.ESCAPE:
                found.append(_Atom(self._escape(part), False))
            elif part.kind is PartKind.PARAMETER:
                found.extend(self._parameter(part, at))
            else:
                found.append(_Atom(self._opaque(part), False))
        return found

    def _escape(self, part: Part) -> Piece:
        if self._passage.has_hole(part.start, part.end):
            return self._unknown(part)
        return Literal(part.text, self._passage.span(part.start, part.end))

    def _opaque(self, part: Part) -> Piece:
        """Return what a substitution gives; ``$(command -v NAME)`` gives the name."""
        found = _LOOKED_UP.fullmatch(self._passage.text, part.start, part.end)
        if found is None or self._passage.has_hole(part.start, part.end):
            return self._unknown(part)
        start, end = found.span("program")
        return Literal(found.group("program"), self._passage.span(start, end))

    def _unknown(self, part: Part) -> Unknown:
        return Unknown(
            written(self._passage, part.start, part.end), self._passage.span(part.start, part.end)
        )

    def _parameter(self, part: Part, at: int) -> list[_Atom | _Break]:
        unknown: list[_Atom | _Break] = [_Atom(self._unknown(part), False)]
        found = _PARAMETER.fullmatch(self._passage.text, part.start, part.end)
        if found is None or self._values is None or self._depth >= _DEEPEST:
            return unknown
        name = found.group("braced") or found.group("bare")
        after_name = max(found.end("braced"), found.end("bare"), found.end("index"))
        if self._passage.has_hole(part.start, after_name):
            return unknown
        self._budget.spend(part.end - part.start + 16)
        self._depth += 1
        try:
            value = self._value(found, name, at, part)
        finally:
            self._depth -= 1
        return unknown if value is None else value

    def _value(
        self, found: re.Match[str], name: str, at: int, part: Part
    ) -> list[_Atom | _Break] | None:
        values = self._values
        if values is None:
            return None
        operator = (found.group("operator") or "").lstrip(":")
        if found.group("index") or name in {"@", "*"}:
            elements = values.array(name, at) if not operator else None
            return None if elements is None else self._elements(elements, found, at, part)
        value = values.scalar(name, at)
        empty = value is not None and not "".join(piece.text for piece in value)
        if operator in {"-", "="} and (
            (value is None and not values.is_set(name, at))
            or (empty and found.group("operator").startswith(":"))
        ):
            return self._default(found, at, part)
        if value is None or (operator == "+" and not known(value)):
            return None
        if operator == "+":
            return [] if empty else self._default(found, at, part)
        return [_Atom(piece, not part.quoted) for piece in value]

    def _elements(
        self, elements: Sequence[Argument], found: re.Match[str], at: int, part: Part
    ) -> list[_Atom | _Break]:
        """Return a word for each element; for ``"${name[*]}"`` one, the first of IFS between."""
        name = found.group("braced") or found.group("bare")
        if not part.quoted or (found.group("index") or f"[{name}]") != "[*]":
            return _joined(elements, part)
        value = self._values.scalar("IFS", at) if self._values is not None else None
        written_ifs = "".join(piece.text for piece in value or ())
        separator = " " if value is None else written_ifs[:1]
        place = self._passage.span(part.start, part.end)
        atoms: list[_Atom | _Break] = []
        for position, element in enumerate(elements):
            if position and separator:
                atoms.append(_Atom(Literal(separator, place), False))
            atoms.extend(_Atom(piece, False) for piece in element.pieces)
        return atoms

    def _default(self, found: re.Match[str], at: int, part: Part) -> list[_Atom | _Break]:
        """Return the word within ``${name:-word}``."""
        lexer = Lexer(self._passage.text, self._budget, found.end("rest"))
        if part.quoted:
            return self._atoms(lexer.quoted(found.start("rest")), at)
        atoms: list[_Atom | _Break] = []
        position = found.start("rest")
        while position < lexer.stop:
            word = lexer.word(position)
            if word.end == position:
                # A blank or an operator, which is a letter here.
                pieces = self._passage.pieces(position, position + 1)
                atoms.extend(_Atom(piece, True) for piece in pieces)
                position += 1
            else:
                atoms.extend(self._atoms(word.parts, at))
                position = word.end
        return atoms


def written(passage: Passage, start: int, end: int) -> str:
    """Return the text as it stands in the file, unknown parts as they are written there."""
    if not passage.has_hole(start, end):
        return passage.text[start:end]
    return "".join(piece.text for piece in passage.pieces(start, end))


def known(pieces: Sequence[Piece]) -> bool:
    """Whether no piece is unknown."""
    return not any(isinstance(piece, Unknown) for piece in pieces)


def _joined(elements: Sequence[Argument], part: Part) -> list[_Atom | _Break]:
    atoms: list[_Atom | _Break] = []
    for position, element in enumerate(elements):
        if position:
            atoms.append(_Break())
        atoms.extend(_Atom(piece, not part.quoted) for piece in element.pieces)
    return atoms


def _split(atoms: Sequence[_Atom | _Break], span: Span, *, keep_empty: bool) -> Iterator[Argument]:
    """Yield the words that a word becomes."""
    pieces: list[Piece] = []
    count = 0
    for atom in atoms:
        if isinstance(atom, _Break):
            yield Argument(tuple(pieces), span)
            count += 1
            pieces = []
            keep_empty = True
        elif atom.splits and isinstance(atom.piece, Literal) and _BLANKS.search(atom.piece.text):
            for is_blank, piece in _runs(atom.piece):
                if not is_blank:
                    pieces.append(piece)
                elif pieces:
                    yield Argument(tuple(pieces), span)
                    count += 1
                    pieces = []
        else:
            pieces.append(atom.piece)
    if any(piece.text for piece in pieces) or (keep_empty and (pieces or not count)):
        yield Argument(tuple(pieces), span)


def _runs(piece: Literal) -> Iterator[tuple[bool, Literal]]:
    """Yield the blank and other stretches of a piece, each with its place."""
    exact = len(piece.text) == piece.span.end - piece.span.start
    at = 0
    while at < len(piece.text):
        found = _BLANKS.match(piece.text, at)
        following = found or _BLANKS.search(piece.text, at)
        end = found.end() if found else following.start() if following else len(piece.text)
        start = piece.span.start
        span = Span(start + at, start + end) if exact else piece.span
        yield found is not None, Literal(piece.text[at:end], span)
        at = end


def as_passage(pieces: Sequence[Piece]) -> Passage:
    """Return pieces as a passage, for a program that reads its argument as a text of its own."""
    from catflap.audit.passage import HOLE, Passage

    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    holes: dict[int, str] = {}
    for piece in pieces:
        start, end = piece.span.start, piece.span.end
        if isinstance(piece, Unknown):
            holes[len(starts)] = piece.text
            text.append(HOLE)
            starts.append(start)
            ends.append(end)
            continue
        size = len(piece.text)
        text.append(piece.text)
        if size == end - start:
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            starts.extend([start] * size)
            ends.extend([end] * size)
    return Passage("".join(text), starts, ends, holes)
