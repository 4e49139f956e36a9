"""What the program does not know or take in an address: told by two rules.

A word with a near spelling is a typing error, any other is unknown. The C program refuses both,
so nothing listens; what it was to protect is not protected by a command that does not run.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.address.catalogue import find_kind, find_option
from catflap.address.check import nearest_kind, nearest_option
from catflap.address.values import ValueProblem, read_named
from catflap.core.spans import excerpt, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Option
    from catflap.address.rows import Kind
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.spans import Span

__all__ = ("Mistake", "mistakes_of")

_MOST = 10
"""More is no command that somebody wrote, and each costs a search for what is near."""

_BY_BUILD = frozenset(["method", "openssl-method", "fips", "openssl-fips"])
"""Options that only some builds of socat know."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A word that the program refuses.

    Args:
        meant: the spelling that comes closest, if any.
    """

    side: Side
    span: Span
    message: str
    meant: str = ""


def mistakes_of(bridge: Bridge) -> tuple[Mistake, ...]:
    """Return the first of what the program would refuse, as written; unknown parts pass."""
    return tuple(itertools.islice(_mistakes(bridge), _MOST))


def _mistakes(bridge: Bridge) -> Iterator[Mistake]:
    loose = bridge.flags.has("-g")
    for side in bridge.sides:
        kind = side.address.kind
        if kind is None:
            yield from _unknown_kind(side)
            continue
        for option in side.address.options:
            mistake = _judge(side, kind, option, loose=loose)
            if mistake is not None:
                yield mistake


def _unknown_kind(side: Side) -> Iterator[Mistake]:
    keyword = side.address.keyword
    if not keyword.known or not keyword.text:
        return
    message = f"{printable(excerpt(keyword.text))} is not an address"
    yield Mistake(side, keyword.span, message, nearest_kind(keyword.text))


def _judge(side: Side, kind: Kind, option: Option, *, loose: bool) -> Mistake | None:
    row = option.row
    if row is None:
        return _unknown(side, kind, option) if option.name.known else None
    name = printable(excerpt(option.name.text))
    if not row.fits(kind):
        return None if loose else Mistake(side, option.span, f"{kind.name} does not take {name}")
    if option.value is None or option.value.known:
        text = option.value.literal if option.value is not None else None
        try:
            read_named(row.name, row.type, text)
        except ValueProblem as problem:
            return Mistake(side, option.span, f"{name} takes {problem.expected}")
    return None


def _unknown(side: Side, kind: Kind, option: Option) -> Mistake | None:
    text = option.name.text
    name = printable(excerpt(text))
    if text.lower() in _BY_BUILD:
        return None
    if find_kind(text) is not None:
        return Mistake(side, option.span, f"{name} is an address, not an option")
    stripped = text.strip()
    if stripped != text and find_option(stripped) is not None:
        return Mistake(side, option.span, "a blank stands beside an option", stripped)
    return Mistake(side, option.span, f"{name} is not an option", nearest_option(kind, stripped))
