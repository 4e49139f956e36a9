"""What a container may do, and which of its ports its host hands on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.core.surroundings import Publication

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.audit.passage import Passage

__all__ = ("capabilities", "publications", "user_of")

_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
_MOST_PORTS = 64


def user_of(passage: Passage | None) -> str:
    """Return the account of ``user:group``; nothing when a part of it is not known."""
    if passage is None or passage.holes:
        return ""
    return passage.text.strip().partition(":")[0]


def capabilities(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of capabilities in upper case, without ``CAP_``."""
    return tuple(name.strip().upper().removeprefix("CAP_") for name in names if name.strip())


def publications(port: Passage) -> Iterator[Publication]:
    """Give what one ``-p`` hands on: ``80``, ``8080:80``, ``127.0.0.1:8080:80/tcp``, ranges.

    The form is that of docker-run(1); IPv6 addresses stand in brackets.
    """
    text = port.text
    stop = text.find("/") if "/" in text else len(text)
    colon = text.rfind(":", 0, stop)
    target = port.part(colon + 1, stop)
    host: str | None = ""
    if colon > 0:
        before = text.rfind(":", 0, colon) if text[colon - 1] != "]" else colon
        if before > 0:
            host = None if port.has_hole(0, before) else text[:before].strip("[] ")
    yield from _ports(host, target)


def _ports(host: str | None, target: Passage) -> Iterator[Publication]:
    text = target.text.strip()
    found = _RANGE.fullmatch(text)
    if found is not None:
        first, last = int(found[1]), int(found[2])
        if 0 <= last - first < _MOST_PORTS:
            for number in range(first, last + 1):
                yield Publication(host, str(number))
            return
        yield Publication(host, None)
    elif target.holes or not text.isdecimal():
        yield Publication(host, None)
    else:
        yield Publication(host, text)
