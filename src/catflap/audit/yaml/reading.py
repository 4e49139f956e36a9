"""Reads a stream of YAML; of a broken one, all but the lines that break it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.grammar import parse
from catflap.audit.passage import Passage
from catflap.audit.text.lines import broken
from catflap.audit.yaml.depth import too_deep
from catflap.audit.yaml.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.grammar import Tree
    from catflap.audit.yaml.values import Value
    from catflap.core.spans import Problem

__all__ = ("read_stream",)

_DEEPEST = 10
_WORK_FLOOR = 60_000
_WORK = 6
"""How often the characters of a broken file may be looked at to find what is wrong with it."""

_LONE_DASH = re.compile(r"(?:(?<=[\[,])|(?<=[\[,][ \t]))-(?=[ \t]*[,\]])")
_BRACKETED = re.compile(r"(?<=[ \t])\[[A-Z][A-Z0-9_ -]{0,60}\](?=[-\w./])")
"""``name: [YOUR_NAME]-proxy``: for the reader of a document to fill in, no list as YAML has it."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def read_stream(passage: Passage) -> tuple[list[Value], list[Problem]]:
    """Return the values of a stream's documents, and what could not be read.

    A mistake spoils the whole tree of the grammar. So a broken stream is cut into blocks by
    indentation, blocks that are whole by themselves are kept, and the others are cut further, until
    the lines are left that cannot be read.
    """
    if too_deep(passage.text):
        message = "this YAML is nested deeper than anybody writes; it was not read"
        return [], [broken(passage, 0, len(passage), message)]
    tree = _parsed(passage)
    if not tree.root.has_error:
        return [value for value in Document(tree).values() if value is not None], []
    places = list(_Mender(passage).broken_places())
    problems = [
        broken(passage, start, end, "this part of the YAML cannot be read") for start, end in places
    ]
    rest = _without(passage, places)
    tree = _parsed(rest)
    if tree.root.has_error and not places:
        problems.append(broken(passage, 0, len(passage), "this YAML cannot be read as a whole"))
    return [value for value in Document(tree).values() if value is not None], problems


def _parsed(passage: Passage) -> Tree:
    """Return the tree; a lone dash in brackets is a word, as libyaml and go-yaml have it.

    So is a placeholder in brackets with more of the word behind it.

    YAML 1.2.2 (section 7.3.3) forbids it, and ``[socat, -, "TCP:b:1"]`` is what people write.
    """
    text = _LONE_DASH.sub("x", passage.text)
    text = _BRACKETED.sub(lambda found: f"x{found[0][1:-1]}x", text)
    if text == passage.text:
        return parse("yaml", passage)
    tree = parse("yaml", Passage(text))
    tree.passage = passage
    return tree


def _without(passage: Passage, places: list[tuple[int, int]]) -> Passage:
    parts: list[Passage] = []
    at = 0
    for start, end in places:
        parts.append(passage.part(at, start))
        at = end
    parts.append(passage.part(at, len(passage)))
    return Passage.join(parts)


class _Mender:
    """Finds the lines that break a stream."""

    __slots__ = ("_left", "_lines", "_text")

    def __init__(self, passage: Passage) -> None:
        self._text = passage.text
        self._lines = [found.span() for found in _LINE.finditer(passage.text)]
        self._left = _WORK_FLOOR + _WORK * len(passage.text)

    def broken_places(self) -> Iterator[tuple[int, int]]:
        """Give the places of the broken lines in their order."""
        numbers = range(len(self._lines))
        return self._merge(self._broken(list(numbers), 0))

    def _merge(self, numbers: Iterator[int]) -> Iterator[tuple[int, int]]:
        begin = end = -1
        for number in numbers:
            start, stop = self._lines[number]
            if start != end:
                if begin >= 0:
                    yield begin, end
                begin = start
            end = stop
        if begin >= 0:
            yield begin, end

    def _is_broken(self, numbers: list[int]) -> bool:
        """Whether these lines by themselves cannot be parsed."""
        text = self._text[self._lines[numbers[0]][0] : self._lines[numbers[-1]][1]]
        self._left -= len(text)
        return self._left < 0 or _parsed(Passage(text)).root.has_error

    def _broken(self, numbers: list[int], depth: int) -> Iterator[int]:
        """Give the broken ones of these lines, which cannot be parsed as a whole."""
        blocks = self._blocks(numbers)
        if len(blocks) == 1:
            head, rest = blocks[0][:1], blocks[0][1:]
            if not rest or depth > _DEEPEST:
                yield from numbers
            elif not self._is_broken(rest):
                # Its lines are whole: the line above them is what is wrong, with or without them.
                yield from head
            else:
                if self._is_broken(head):
                    yield from head
                yield from self._broken(rest, depth + 1)
            return
        whole = True
        for block in blocks:
            if self._is_broken(block):
                whole = False
                yield from self._broken(block, depth + 1)
        if whole:
            # Each part is whole, together they are not: a list beside a mapping. The first decides.
            yield from (number for block in blocks[1:] for number in block)

    def _blocks(self, numbers: list[int]) -> list[list[int]]:
        """Return the lines in blocks that begin with the least indentation."""
        least = min((self._indent(number) for number in numbers), default=0)
        blocks: list[list[int]] = []
        for number in numbers:
            if not blocks or (self._indent(number) == least and not self._goes_on(number)):
                blocks.append([number])
            else:
                blocks[-1].append(number)
        return blocks

    def _indent(self, number: int) -> int:
        start, end = self._lines[number]
        body = self._text[start:end]
        stripped = body.lstrip(" ")
        return 1 << 20 if not stripped.strip() or stripped[0] == "#" else len(body) - len(stripped)

    def _goes_on(self, number: int) -> bool:
        """Whether a line belongs to the one above it though it is not deeper: a list's item."""
        start, end = self._lines[number]
        body = self._text[start:end].lstrip(" ")
        above = self._text[slice(*self._lines[number - 1])].rstrip()[-1:] if number else ""
        return body[0] in "]}" or (body.startswith("- ") and above == ":")
