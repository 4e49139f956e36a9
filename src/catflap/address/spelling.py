"""From tree to text: ``parse(spell(tree))`` is the tree again."""

from __future__ import annotations

from catflap.address.lexer import Lexer, Source
from catflap.address.model import (
    Address,
    Dual,
    Endpoint,
    Literal,
    Option,
    Unknown,
    Word,
    written_parameters,
)

__all__ = ("spell", "spell_word")

_CONTROL = {
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\v": "\\v",
}
_SPECIAL = frozenset("\\'\"([{,:!")


def spell(endpoint: Endpoint) -> str:
    """Return the shortest common text of an address; unknown parts stay as they were written."""
    if isinstance(endpoint, Dual):
        return f"{_single(endpoint.read)}!!{_single(endpoint.write)}"
    return _single(endpoint)


def _single(address: Address) -> str:
    words = [address.keyword, *written_parameters(address)]
    text = ":".join(spell_word(word, (":", ",", "!!")) for word in words)
    return "".join([text, *(f",{_option(option)}" for option in address.options)])


def _option(option: Option) -> str:
    name = spell_word(option.name, ("=", ",", "!!"))
    if option.value is None:
        return name
    return f"{name}={spell_word(option.value, (',', '!!'))}"


def spell_word(word: Word, terminators: tuple[str, ...]) -> str:
    """Return the word as text that reads back as the same word before these terminators."""
    if _reads_back(word, terminators):
        return word.text
    return "".join(
        part.text if isinstance(part, Unknown) else _escape(part, terminators)
        for part in word.parts
    )


def _reads_back(word: Word, terminators: tuple[str, ...]) -> bool:
    text = word.text
    if text.endswith("!") or not _CONTROL.keys().isdisjoint(text):
        return False
    lexer = Lexer(Source(word.parts))
    again = lexer.word(terminators)
    return lexer.at_end and not lexer.flaws and again == word


def _escape(part: Literal, terminators: tuple[str, ...]) -> str:
    special = _SPECIAL | ({"="} if "=" in terminators else frozenset())
    return "".join(
        _CONTROL.get(char) or (f"\\{char}" if char in special else char) for char in part.text
    )
