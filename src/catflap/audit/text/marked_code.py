"""Code that documents mark by tags: HTML's ``pre`` and ``code``, Jekyll's ``highlight``."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("highlighted", "tagged")

_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_HIGHLIGHT = re.compile(
    r"\{%-?[ \t]*highlight[ \t]+(\w{1,20})[^%\n]{0,80}%\}"
    r"|\{\{[<%][ \t]*highlight[ \t]+\"?(\w{1,20})[^\n]{0,80}?[>%]\}\}"
)
_END_HIGHLIGHT = re.compile(r"\{%-?[ \t]*endhighlight|\{\{[<%][ \t]*/[ \t]*highlight")


def tagged(passage: Passage, element: str) -> Iterator[Passage]:
    """Give what stands within each element of this name, its tags dropped, entities resolved."""
    text = passage.text.lower()
    at = 0
    while (start := text.find(f"<{element}", at)) >= 0:
        begin = text.find(">", start)
        end = text.find(f"</{element}", begin)
        if begin < 0 or end < 0:
            return
        yield _plain(passage.part(begin + 1, end))
        at = end + 1


def highlighted(passage: Passage) -> Iterator[tuple[str, Passage]]:
    """Give the language and the code of each block between the tags of Jekyll or Hugo."""
    at = 0
    while (opening := _HIGHLIGHT.search(passage.text, at)) is not None:
        closing = _END_HIGHLIGHT.search(passage.text, opening.end())
        if closing is None:
            return
        yield (opening[1] or opening[2]).lower(), passage.part(opening.end(), closing.start())
        at = closing.end()


def _plain(passage: Passage) -> Passage:
    """Drop tags; an entity becomes its character, at the place of the whole entity."""
    places = [(found, "") for found in _TAG.finditer(passage.text)]
    places += [(found, unescape(found[0])) for found in _ENTITY.finditer(passage.text)]
    parts: list[Passage] = []
    at = 0
    for found, instead in sorted(places, key=lambda place: place[0].start()):
        if found.start() < at:
            continue
        parts.append(passage.part(at, found.start()))
        if len(instead) == 1:
            place = passage.span(found.start(), found.end())
            character = " " if instead == "\N{NO-BREAK SPACE}" else instead
            parts.append(Passage(character, [place.start], [place.end]))
        at = found.end()
    if not parts:
        return passage
    parts.append(passage.part(at, len(passage.text)))
    return Passage.join(parts)
