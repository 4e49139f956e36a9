"""Flags in front of the addresses: words that come, and words that go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.fix.places import places_of
from catflap.audit.fix.proposal import Change, NotFixableError
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.fix.site import Site
    from catflap.bridge.flags import GivenFlag

__all__ = ("add_flag", "insert_words", "remove_flag", "replace_start")

_LONGEST_GAP = 200
_PROGRAM = re.compile(r"socat(?=(\.exe)?$)", re.IGNORECASE)
_UNBROKEN = re.compile(r"[^\s\"'`,=(\[]+\Z")
_PLAIN = re.compile(r"[A-Za-z0-9=.,:/_-]+")
_BLANK = re.compile(r"\s+|(\s*\\\r?\n\s*)+")
_LISTED = re.compile(r"\s*,\s*|\s*\n\s*-\s+")
_QUOTED = re.compile(r"[A-Za-z]{0,2}(['\"`]).*\1", re.DOTALL)


def add_flag(site: Site, name: str, value: str = "") -> Change:
    """Return the edit that puts a flag right behind the program's name.

    A value is a word of its own where words are parted by blanks. In a list of words it is
    attached: a bare number would be no text there.

    Raises:
        NotFixableError: how words are parted cannot be told.
    """
    gap = _gap(site, 1)
    if not value:
        words: tuple[str, ...] = (name,)
    else:
        words = (name, value) if _BLANK.fullmatch(gap) else (name + value,)
    return insert_words(site, 1, words)


def insert_words(site: Site, index: int, words: tuple[str, ...]) -> Change:
    """Return the edit that puts words before the command's word of this number.

    They are parted and quoted as their neighbours are. Between blanks they stand bare first, and
    in quotes at the second attempt: in a shell both are right, in a list of Nix only the latter.

    Args:
        site: where the finding is.
        index: the number of a word of its command, from 1.
        words: text that needs no quoting anywhere.

    Raises:
        NotFixableError: how words are parted cannot be told.
    """
    gap = _gap(site, index)
    quote = _quote(site, index, listed=not _BLANK.fullmatch(gap))
    if _BLANK.fullmatch(gap):
        gap = gap if "\\" not in gap and "\n" not in gap else " "
        quote = quote if site.attempt else ""
    elif site.attempt:
        raise NotFixableError("words cannot be added to it")
    at = places_of(site.command.words)[index].start
    text = "".join(f"{quote}{word}{quote}{gap}" for word in words)
    return Change(at, at, text, index, words)


def remove_flag(site: Site, flag: GivenFlag) -> Change:
    """Return the edit that takes a flag, and a value that is a word of its own, away.

    Raises:
        NotFixableError: it is not a word of its own, or part of it comes from elsewhere.
    """
    words, places = site.command.words, places_of(site.command.words)
    inside = [
        index
        for index, place in enumerate(places)
        if place.start <= flag.span.start < place.end or place.start < flag.span.end <= place.end
    ]
    if not inside or inside[-1] + 1 >= len(words):
        raise NotFixableError("the flag is not written here")
    first, last = inside[0], inside[-1]
    if any(words[index].literal is None for index in (first, last)) or last - first > 1:
        raise NotFixableError("a variable or template holds a part of the flag")
    _gap(site, last)
    start, end = places[first].start, places[last + 1].start
    return Change(start, end, "", first, (), last - first + 1)


def _gap(site: Site, index: int) -> str:
    """Return what parts the word of this number from the next one."""
    places = places_of(site.command.words)
    for first in (index, index - 1):
        if not 0 <= first < len(places) - 1:
            continue
        start, end = places[first].end, places[first + 1].start
        gap = site.text[start:end] if start < end <= start + _LONGEST_GAP else ""
        if gap and (_BLANK.fullmatch(gap) or _LISTED.fullmatch(gap)):
            return gap
    raise NotFixableError("how its words are parted cannot be told")


def _quote(site: Site, index: int, *, listed: bool) -> str:
    """Return the quotes in which the word of this number stands, or nothing.

    Args:
        site: where the finding is.
        index: of the word.
        listed: whether commas part the words: then a word that says something else than what is
            written is a name or a call, and beside it only what is quoted is a text.
    """
    words = site.command.words
    written = [site.text[place.start : place.end] for place in places_of(words)]
    match = _QUOTED.fullmatch(written[index])
    if match is not None:
        return match[1]
    if not listed or written[index] == words[index].text:
        return ""
    others = (_QUOTED.fullmatch(text) for text in written)
    return next((found[1] for found in others if found and found[1] != "`"), '"')


def replace_start(site: Site, words: Sequence[str]) -> tuple[Change, ...]:
    """Return the edits that make the program ``catflap`` and its flags these words.

    The program's folder stays.

    Raises:
        NotFixableError: the program is not written here, or a flag has characters that need
            quotes.
    """
    command = site.command.words
    first = _first_address(site)
    program = command[0].pieces[-1]
    match = _PROGRAM.search(program.text)
    if match is None or len(command[0].pieces) != 1 or _is_image(site):
        raise NotFixableError("a variable or an image starts it")
    if not all(map(_PLAIN.fullmatch, words)):
        raise NotFixableError("a value of its flags needs quotes")
    if program.span.end - program.span.start != len(program.text):
        raise NotFixableError("a variable or an image starts it")
    at = program.span.start
    name = site.replace(Span(at + match.start(), at + match.end()), "catflap")
    start, end = command[1].span.start, command[first].span.start
    come = insert_words(site, 1, tuple(words))
    return name, Change(start, end, come.text, 1, tuple(words), first - 1)


def _is_image(site: Site) -> bool:
    """Whether a container's image stands for the program: a path begins at a root or here."""
    place = site.command.words[0].span
    before = _UNBROKEN.search(site.text, max(0, place.start - _LONGEST_GAP), place.start)
    written = (before[0].lstrip("-+@:!") if before else "") + site.text[
        place.start : place.end
    ].strip("\"'")
    return "/" in written and not written.startswith(("/", ".", "~", "$", "{"))


def _first_address(site: Site) -> int:
    """Return the number of the word that is the first address."""
    keyword = site.bridge.sides[0].address.keyword.span
    for index, word in enumerate(site.command.words):
        if index and any(
            piece.span.start <= keyword.start < piece.span.end for piece in word.pieces
        ):
            return index
    raise NotFixableError("its addresses are not written here")
