"""What a command with a slip of the pen was meant to be.

The program refuses it; whoever copies it mends the slip, and then has what the writer meant. So
that is judged too, with little confidence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.catalogue import find_kind
from catflap.address.check import nearest_kind
from catflap.address.model import Literal, Unknown
from catflap.audit.command import Argument
from catflap.audit.text.bridges import is_address
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("parted", "spelt", "without_surplus")

_MOST_SURPLUS = 2
"""Words beyond two addresses that a slip of the pen explains; more of them are a sentence."""
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{2,30}(?=[:=])")
_ROLE = re.compile(r"[46]?-(?:listen|l|(?P<datagrams>recv(?:from)?)):", re.IGNORECASE)
_TLS = re.compile(r",(?:cert|verify|cafile|capath|cipher)[a-z-]*[=,]")
_PROGRAM_AND_LINE = 2
_PROGRAM = re.compile(r"(?:exec|system|shell)[:=]", re.IGNORECASE)
_ADDRESSES = 2
_SHORTEST = 5
_ROLES = (("SERVER", "LISTEN"), ("CLIENT", "CONNECT"))


def without_surplus(words: Sequence[Argument]) -> list[Argument] | None:
    """Return a command's words without those that follow or part its addresses, if there are any.

    ``EXEC:sh, pty`` has a blank too many; ``EXEC:sh -li`` lacks its quotes.
    """
    kept: list[Argument] = []
    addresses = 0
    for position, word in enumerate(words):
        if position and is_address(word) and not word.text.isdigit():
            addresses += 1
        elif addresses:
            continue
        kept.append(word)
        if addresses == 2:
            surplus = len(words) - len(kept)
            return kept if 0 < surplus <= _MOST_SURPLUS else None
    return None


def parted(words: Sequence[Argument]) -> list[Argument] | None:
    """Return a command's words with the last one taken apart, if that alone holds both addresses.

    ``args: ["TCP-LISTEN:80 TCP:web:80"]``: a list of one string, meant as a line.
    """
    from catflap.audit.shell.words import as_passage

    if len(words) < _PROGRAM_AND_LINE or any(is_address(word) for word in words[1:-1]):
        return None
    line = as_passage(words[-1].pieces)
    places = [found.span() for found in re.finditer(r"\S+", line.text)]
    parts = [Argument(line.part(*place).pieces(), line.span(*place)) for place in places]
    addresses = [part for part in parts if is_address(part)]
    if len(addresses) < _ADDRESSES or _PROGRAM.match(addresses[0].text):
        # Blanks within ``EXEC:`` part the words of its program.
        return None
    return [*words[:-1], *parts]


def spelt(words: Sequence[Argument]) -> list[Argument] | None:
    """Return a command's words with kinds of addresses spelt as known, if any was not."""
    found = [words[0], *(_spelt(word) for word in words[1:])] if words else []
    return found if found != list(words) else None


def _spelt(word: Argument) -> Argument:
    first = word.pieces[0] if word.pieces else None
    if isinstance(first, Unknown) and len(word.pieces) > 1:
        return _filled(word, first)
    if not isinstance(first, Literal):
        return word
    keyword = _KEYWORD.match(first.text)
    exact = len(first.text) == first.span.end - first.span.start
    if keyword is None or not exact:
        return word
    if find_kind(keyword[0]) is None:
        meant = _near(keyword[0].upper()) if keyword.end() >= _SHORTEST else ""
    else:
        # ``EXEC=sh``: the mark of an option after a kind.
        meant = keyword[0] if first.text[keyword.end()] == "=" else ""
    if not meant:
        return word
    end = first.span.start + keyword.end()
    head = Literal(meant, Span(first.span.start, end))
    tail = Literal(":" + first.text[keyword.end() + 1 :], Span(end, first.span.end))
    return Argument((head, tail, *word.pieces[1:]), word.span)


def _filled(word: Argument, protocol: Unknown) -> Argument:
    """Return ``$PROTOCOL-listen:80`` as what it most likely is; UDP would be no better than TCP."""
    rest = word.pieces[1]
    role = _ROLE.match(rest.text) if isinstance(rest, Literal) else None
    if role is None:
        return word
    name = "UDP" if role["datagrams"] else "TCP"
    if _TLS.search(word.text):
        name = "OPENSSL"
    elif rest.text[role.end() :].startswith(("/", ".")):
        name = "UNIX"
    return Argument((Literal(name, protocol.span), *word.pieces[1:]), word.span)


def _near(keyword: str) -> str:
    """Return the kind that a keyword comes nearest to; never one of the other role."""
    for role, ours in _ROLES:
        if role in keyword:
            named = keyword.replace(role, ours)
            return named if find_kind(named) is not None else ""
    close = nearest_kind(keyword)
    return close if close[:2] == keyword[:2] or keyword in close else _encrypted(keyword)


def _encrypted(keyword: str) -> str:
    named = f"OPEN{keyword}"
    return named if find_kind(named) is not None else ""
