"""Containers: the program that an image stands for, and the ports that its host hands on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.command import Argument
from catflap.audit.text.lines import between
from catflap.core.surroundings import Publication

if TYPE_CHECKING:
    from catflap.audit.passage import Passage

__all__ = ("image_program", "publication")

_RELAY = re.compile(r"socat|catflap", re.IGNORECASE)
_ADDRESS_AND_PORTS = re.compile(r"(?:(\[[^\]]*\]|[^:]*):)??(?:([\d-]*):)?([\d-]+)(?:/\w+)?")
_EVERYWHERE = frozenset({"0.0.0.0", "[::]", "*"})  # noqa: S104 -- what files write is compared


def image_program(image: Passage) -> Argument:
    """Return the program that an image's entry point starts, where the image names it."""
    text = image.text
    name = _RELAY.search(text)
    if name is None:
        return Argument(between(image, "socat", 0, len(text)).pieces(), image.span(0, len(text)))
    return Argument(image.pieces(*name.span()), image.span(0, len(text)))


def publication(value: Passage) -> Publication:
    """Return what ``[[host:]port:]port[/protocol]`` says, as ``docker run -p`` takes it."""
    text = value.text.strip()
    found = _ADDRESS_AND_PORTS.fullmatch(text)
    if found is None or value.holes:
        return Publication(None, None)
    host = found[1] or ""
    return Publication("" if host in _EVERYWHERE else host.strip("[]"), found[3])
