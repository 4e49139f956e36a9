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

__all__ = (
    "add_place",
    "identity_named",
    "list_named",
    "named_file",
    "named_option",
    "options_with_files",
)


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
    # The longest: user:ann is in what is said of user:anna.
    named = [each for each in listed if each.text in message]
    about = max(named, key=lambda each: len(each.text), default=None)
    about = about or next((each for each in listed if message.endswith(f" {each.pattern}")), None)
    if about is not None:
        return _nearest(side, rf"""(?<=['"]){re.escape(about.text)}(?=['"])""")
    if message.startswith("identities:"):
        return _list_of(side, "identities")
    return None


def list_named(bridge: Bridge, side: Side, message: str) -> Span | None:
    """Return where the revocation list stands in ``crls`` that a message names."""
    for path in bridge.crls:
        if not re.search(rf"(?<!\S){re.escape(path)}(?![\w/.-])", message):
            continue
        # It is written from the configuration's directory on: the path's end, or all of it.
        words = path.split("/")
        for count in range(len(words)):
            written = "/".join(words[count:])
            span = _nearest(side, rf"""(?<=['"]){re.escape(written)}(?=['"])""")
            if span is not None:
                return span
    return _list_of(side, "crls") if message.startswith("crls:") else None


def named_option(side: Side, message: str) -> Span | None:
    """Return where the first option stands that a message names as ``name=``."""
    found = [
        (match.start(), option.span)
        for option in side.address.options
        if (match := re.search(rf"(?<![\w-]){re.escape(option.name.text)}=", message))
    ]
    return min(found)[1] if found else None


def _list_of(side: Side, key: str) -> Span | None:
    return _nearest(side, rf"(?m)^[ \t]*{key}[ \t]*=[ \t]*(\[[^\]]*\])")


def _nearest(side: Side, pattern: str) -> Span | None:
    """Return the match nearest to a side, or its group: several bridges may say the same."""
    places = [match.span(match.re.groups) for match in re.finditer(pattern, side.source)]
    return Span(*min(places, key=lambda at: abs(at[0] - side.span.start))) if places else None


def add_place(error: CatflapError, sides: Iterable[Side]) -> None:
    """Let an error show the option whose file it names, when it shows no place yet."""
    if error.place is not None:
        return
    for side in sides:
        span = named_file(side, error.message)
        if span is not None:
            error.place = Problem(error.message, span, side.source)
            return
