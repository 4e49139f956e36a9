"""Where in an address the file stands that an error is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.bridge.side import FILE_OPTIONS
from catflap.core.spans import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.bridge.side import Side
    from catflap.core.errors import CatflapError
    from catflap.core.spans import Span

__all__ = ("add_place", "named_file", "options_with_files")


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


def add_place(error: CatflapError, sides: Iterable[Side]) -> None:
    """Let an error show the option whose file it names, when it shows no place yet."""
    if error.place is not None:
        return
    for side in sides:
        span = named_file(side, error.message)
        if span is not None:
            error.place = Problem(error.message, span, side.source)
            return
