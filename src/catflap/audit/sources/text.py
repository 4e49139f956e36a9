"""Any other text: programs in languages without a source of their own, notes, web pages, diffs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.command import Reading
from catflap.audit.passage import Passage
from catflap.audit.text.documents import read_block, read_inline
from catflap.audit.text.lines import mentions
from catflap.audit.text.loose import loose_commands
from catflap.audit.text.marked_code import tagged
from catflap.audit.text.templates import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_REMARK = re.compile(r"<!--.*?-->", re.DOTALL)
_MANIFEST = re.compile(r"^[ \t]*apiVersion[ \t]*:", re.MULTILINE)
_STRING_END = re.compile(r"^[^\n]*(?:\"{3}|'{3}|`)|^[ \t]*E[A-Z]{2}\b", re.MULTILINE)
# For people to read; all else (a program, a configuration) is there to be used.
_FOR_PEOPLE = re.compile(
    r"(?:\A|/)(?:readme|changes|changelog|news|todo|notes?|howto)(?:\.[^/]*)?\Z"
    r"|\.(?:txt|text|html?|xhtml|org|te?x|texi|texinfo|pod|man|[1-9]|wiki|mediawiki|textile|log|out"
    r"|diff|patch|eml|mbox|asc)\Z",
    re.IGNORECASE,
)
_PAGES = (".html", ".htm", ".xhtml")


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return what a text shows to be commands; nobody said that it holds any."""
    if not mentions(passage.text):
        return Reading(())
    is_document = surroundings.document or _FOR_PEOPLE.search(path) is not None
    around = replace(surroundings, document=is_document)
    if path.lower().endswith(_PAGES):
        shown = rewrite(passage, _REMARK, lambda inside, at: Passage("", inside.start(at.start())))
        blocks = [(code, read_block(code, "", around, path)) for code in tagged(shown, "pre")]
        found = [command for _, block in blocks for command in block.commands]
        taken = [code.span(0, len(code)) for code, _ in blocks if len(code)]
        for code in tagged(shown, "code"):
            at = code.start(0)
            if not any(place.start <= at < place.end for place in taken):
                found.extend(read_inline(code, around, path).commands)
        return Reading(tuple(sorted(found, key=lambda command: command.span)))
    found = list(loose_commands(passage, around, path))
    starts = {command.span.start for command in found}
    for manifest in _manifests(passage):
        reading = read_block(manifest, "yaml", around, path)
        found.extend(each for each in reading.commands if each.span.start not in starts)
    return Reading(tuple(sorted(found, key=lambda command: command.span)))


def _manifests(passage: Passage) -> Iterator[Passage]:
    """Give the manifests of Kubernetes that stand in strings of several lines."""
    at = 0
    while (begin := _MANIFEST.search(passage.text, at)) is not None:
        end = _STRING_END.search(passage.text, begin.end())
        at = end.start() if end is not None else len(passage.text)
        yield passage.part(begin.start(), at)
