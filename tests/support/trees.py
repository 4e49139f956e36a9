"""Addresses drawn from the catalogue's tables, and texts that come near its language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from catflap.address.catalogue import find_kind, find_option, kinds, option_rows
from catflap.address.model import Address, Dual, Endpoint, Literal, Option, Unknown, Word
from catflap.core.spans import Span

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ("addresses", "endpoints", "near_texts", "pieces", "plain_word", "words")

NOWHERE = Span(0, 0)
_VARIABLE = re.compile(r"\$V[0-9]")

SPECIAL = (
    "\\'\"()[]{}:,=!/ \t\n\r\0\a\b\f\v\x1b0123456789abnrtvxABÜ日\N{OBJECT REPLACEMENT CHARACTER}"
)
"""What the lexer treats apart, letters that follow a backslash, and what moves a terminal."""

_texts = st.one_of(
    st.text(st.sampled_from(SPECIAL), max_size=8),
    st.text(st.characters(exclude_characters="$"), max_size=6),
    st.sampled_from(["!!", "a!", "!", "[::1]", "'a:b'", "/tmp/x", "\udc80", "[a,b", "\\", "é!!"]),
)

_kind_names = sorted({name for kind in kinds() for name in (kind.name, *kind.aliases)})
_option_names = sorted({name for row in option_rows() for name in (row.name, *row.aliases)})


def plain_word(text: str) -> Word:
    """Return a word that is all known."""
    return Word((Literal(text, NOWHERE),) if text else (), NOWHERE)


def _recased(names: list[str]) -> SearchStrategy[str]:
    return st.builds(
        lambda name, change: change(name),
        st.sampled_from(names),
        st.sampled_from([str.upper, str.lower, str.capitalize]),
    )


@st.composite
def words(draw: DrawFn, *, unknown: bool = False) -> Word:
    """Draw a word; with ``unknown`` it may hold variables ``$V0`` to ``$V9``."""
    if not unknown:
        return plain_word(draw(_texts))
    parts: list[Literal | Unknown] = []
    for _ in range(draw(st.integers(0, 3))):
        text = draw(_texts)
        if text and not (parts and isinstance(parts[-1], Literal)):
            parts.append(Literal(text, NOWHERE))
        if draw(st.booleans()):
            parts.append(Unknown(f"$V{draw(st.integers(0, 9))}", NOWHERE))
    return Word(tuple(parts), NOWHERE)


@st.composite
def _options(draw: DrawFn, *, unknown: bool) -> Option:
    known = st.builds(plain_word, _recased(_option_names))
    name = draw(st.one_of(known, known, words(unknown=unknown).filter(lambda word: word.parts)))
    value = draw(st.none() | words(unknown=unknown))
    row = find_option(name.literal) if name.literal is not None else None
    return Option(name, value, row, NOWHERE)


@st.composite
def addresses(draw: DrawFn, *, unknown: bool = False) -> Address:
    """Draw an address: most with a kind of the catalogue, some with a short form or nonsense."""
    known = st.builds(plain_word, _recased(_kind_names))
    short = st.builds(plain_word, st.sampled_from(["0", "3", "9", "./a", "/tmp/x:y", "a/b,c"]))
    keyword = draw(st.one_of(known, known, short, words(unknown=unknown)))
    parameters = draw(st.lists(words(unknown=unknown), max_size=4))
    kind = find_kind(keyword.literal) if keyword.literal is not None else None
    if kind is None:
        literals = [part.text for part in keyword.parts if isinstance(part, Literal)]
        if keyword.literal is not None and re.fullmatch("[0-9]", keyword.literal):
            kind = find_kind("FD")
        elif any("/" in text for text in literals):
            kind = find_kind("GOPEN")
        if kind is not None:
            parameters = [keyword, *parameters]
    options = draw(st.lists(_options(unknown=unknown), max_size=4))
    return Address(keyword, kind, tuple(parameters), tuple(options), NOWHERE)


def endpoints(*, unknown: bool = False) -> SearchStrategy[Endpoint]:
    """Draw an address or two joined by ``!!``."""
    single = addresses(unknown=unknown)
    return st.one_of(single, st.builds(lambda a, b: Dual(a, b, NOWHERE), single, single))


def pieces(text: str) -> list[Literal | Unknown]:
    """Split a text at its variables, as a shell's parser would hand it over."""
    found: list[Literal | Unknown] = []
    start = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > start:
            found.append(Literal(text[start : match.start()], Span(start, match.start())))
        found.append(Unknown(match.group(), Span(*match.span())))
        start = match.end()
    if start < len(text):
        found.append(Literal(text[start:], Span(start, len(text))))
    return found


def near_texts() -> SearchStrategy[str]:
    """Draw texts: anything at all, and strings of the language's own pieces in any order."""
    tokens = st.one_of(
        _recased(_kind_names),
        _recased(_option_names),
        st.sampled_from(list("\\'\"()[]{}:,=! /")),
        st.sampled_from(
            ["!!", "10.0.0.0/8", "[::1]", "0x1F", "99999", "-1", "²", "1h", "0777", "$V1"]
        ),
        st.text(max_size=3),
    )
    return st.one_of(st.text(max_size=30), st.lists(tokens, max_size=12).map("".join))
