"""Where the file or the identity stands that an error is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.bridge.side import FILE_OPTIONS
from catflap.core.spans import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.errors import CatflapError

__all__ = ("add_place", "identity_named", "named_file", "options_with_files")


_NAME_FILES = FILE_OPTIONS | {"crl"}


def options_with_files(side: Side) -> Iterator[tuple[str, Span]]:
    """Yield the files that the options of a side name, each with its place in the source."""
    for option in side.address.options:
        if option.canonical in _NAME_FILES and option.value is not None and option.value.known:
            yield side.path(option.value.text), option.span


def named_file(side: Side, message: str) -> Span | None:
    """Return where the option stands whose file a message names; of several, the first named."""
    found = [
        (match.start(), span)
        for path, span in options_with_files(side)
        if path and (match := re.search(rf"(?<!\S){re.escape(path)}(?![\w/.-])", message))
    ]
    return min(found)[1] if found else None


def identity_named(bridge: Bridge, side: Side, message: str) -> Span | None:
    """Return where the identity stands that a message names.

    It is looked for as it is written, nearest to the listener: several bridges may list the same.
    """
    listed = bridge.policy.identities or ()
    about = next((each for each in listed if each.text in message), None)
    about = about or next((each for each in listed if message.endswith(f" {each.pattern}")), None)
    if about is None:
        return None
    written = re.compile(rf"""(?<=['"]){re.escape(about.text)}(?=['"])""")
    places = [match.span() for match in written.finditer(side.source)]
    nearest = min(places, key=lambda place: abs(place[0] - side.span.start), default=None)
    return Span(*nearest) if nearest is not None else None


def add_place(error: CatflapError, sides: Iterable[Side]) -> None:
    """Let an error show the option whose file it names, when it shows no place yet."""
    if error.place is not None:
        return
    for side in sides:
        span = named_file(side, error.message)
        if span is not None:
            error.place = Problem(error.message, span, side.source)
            return
