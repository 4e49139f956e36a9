"""Code of reStructuredText and AsciiDoc: literal blocks, directives, listings, inline commands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.text.backticks import code_spans
from catflap.audit.text.documents import gathered, read_block, read_inline
from catflap.audit.text.lines import glue, line_places, mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_DIRECTIVE = re.compile(
    r"([ \t]*)(?:[-*+][ \t]+)?\.\.[ \t]+"
    r"(code-block|code|sourcecode|prompt|parsed-literal|highlight)::[ \t]*(\S*)[ \t]*(.*)"
)
_OPTION = re.compile(r"[ \t]+:[\w-]+:")
_COMMENT = re.compile(r"([ \t]*)\.\.(?:[ \t]+(?![\w.-]+::|[\w.-]+:[\w.-]+::|\[|\||_)\S.*)?\Z")
_ATTRIBUTES = re.compile(r"\[(?:source|listing|\w+)?[,%]?[^\]]*\]")
_SOURCE = re.compile(r"\[\s*(?:source[%\w]*)?\s*,\s*([\w+-]+)")
_DELIMITER = re.compile(r"(-{4,}|\.{4,}|`{3,}|/{4,})([\w+-]*)[ \t]*")
_BULLET = re.compile(r"(?:[-*+]|\d+\.|#\.)[ \t]")


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a document shows."""
    if not mentions(passage.text):
        return gathered(())
    around = replace(surroundings, document=True)
    ascii_doc = path.lower().endswith((".adoc", ".asciidoc", ".asc"))
    lines = list(line_places(passage.text))
    blocks = _listings(passage.text, lines) if ascii_doc else _literals(passage.text, lines)
    readings: list[Reading] = []
    taken: set[int] = set()
    for info, numbers in blocks:
        taken.update(numbers)
        if info is not None:
            block = _lines(passage, [lines[number] for number in numbers])
            readings.append(read_block(block, info, around, path))
    for first, last in _paragraphs(passage.text, lines, taken):
        start, end = lines[first][0], lines[last][1]
        for begin, stop in code_spans(passage.text[start:end]):
            inside = passage.part(start + begin, start + stop)
            if mentions(inside.text):
                inside = _without_plus(inside) if ascii_doc else inside
                readings.append(read_inline(inside, around, path))
    return gathered(readings)


def _lines(passage: Passage, places: list[tuple[int, int]]) -> Passage:
    """Return the lines of a block without the indentation that they share."""
    text = passage.text
    indents = [
        len(text[start:end]) - len(text[start:end].lstrip())
        for start, end in places
        if text[start:end].strip()
    ]
    indent = min(indents, default=0)
    parts = []
    for start, end in places:
        after = min(len(text), text.find("\n", end) + 1 or len(text))
        parts.append(passage.part(min(start + indent, end), after))
    return glue(parts)


def _without_plus(inside: Passage) -> Passage:
    text = inside.text
    is_passed = len(text) > 2 and text[0] == text[-1] == "+"
    return inside.part(1, len(text) - 1) if is_passed else inside


def _paragraphs(
    text: str, lines: list[tuple[int, int]], taken: set[int]
) -> Iterator[tuple[int, int]]:
    """Give the first and last lines of stretches outside of blocks, ended by empty lines."""
    first: int | None = None
    for number, (start, end) in enumerate(lines):
        is_text = number not in taken and bool(text[start:end].strip())
        if is_text and first is None:
            first = number
        if not is_text and first is not None:
            yield first, number - 1
            first = None
    if first is not None:
        yield first, len(lines) - 1


def _indent(text: str, place: tuple[int, int]) -> int | None:
    """Return how far a line is indented, or nothing for an empty one."""
    line = text[place[0] : place[1]].expandtabs(8)
    return len(line) - len(line.lstrip()) if line.strip() else None


def _literals(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[str | None, list[int]]]:
    """Give the blocks of reStructuredText: language and line numbers; no language: a comment."""
    default = ""
    number = 0
    while number < len(lines):
        line = text[slice(*lines[number])]
        directive = _DIRECTIVE.match(line)
        comment = _COMMENT.match(line) if directive is None else None
        if directive is not None and directive[2] == "highlight":
            default = directive[3]
            number += 1
            continue
        is_literal = directive is None and comment is None and line.rstrip().endswith("::")
        if directive is None and comment is None and (not is_literal or _is_directive(line)):
            number += 1
            continue
        indent = _indent(text, lines[number]) or 0
        body = _body(text, lines, number + 1, indent, options=directive is not None)
        if comment is not None:
            yield None, [number, *body]
        else:
            info = default if directive is None else directive[3]
            if directive is not None and directive[2] == "prompt":
                info = "console" if "$" in directive[4] else (info or "bash")
            yield info if info != "none" else "", body
        number = max([number, *body]) + 1


def _is_directive(line: str) -> bool:
    return re.match(r"[ \t]*\.\.[ \t]", line) is not None


def _body(
    text: str, lines: list[tuple[int, int]], first: int, indent: int, *, options: bool
) -> list[int]:
    """Return the lines that are indented further than the one that announces them."""
    found: list[int] = []
    for number in range(first, len(lines)):
        own = _indent(text, lines[number])
        if own is None:
            continue
        if own <= indent:
            break
        if options and _OPTION.match(text, *lines[number]):
            continue
        options = False
        found.append(number)
    # Empty lines within a block belong to it.
    return list(range(found[0], found[-1] + 1)) if found else []


def _listings(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[str | None, list[int]]]:
    """Give the blocks of AsciiDoc: between delimiters, after ``[source]``, indented paragraphs."""
    info, number = "", 0
    after_blank, announced = True, False
    while number < len(lines):
        line = text[slice(*lines[number])]
        delimiter = _DELIMITER.fullmatch(line)
        if delimiter is not None and (announced or after_blank or delimiter[1][0] in "-./`"):
            last = _closing(text, lines, number, delimiter[1])
            body = list(range(number + 1, last))
            if delimiter[1][0] == "/":
                yield None, body
            else:
                yield delimiter[2] or info, body
            info, announced, number = "", False, last + 1
            continue
        source = _SOURCE.match(line)
        if line.startswith("[") and _ATTRIBUTES.fullmatch(line.rstrip()):
            info, announced = (source[1] if source else info), True
        elif line.startswith("//"):
            yield None, [number]
        elif line.strip() and not line.startswith("."):
            indented = line[0] in " \t" and after_blank and not _BULLET.match(line.lstrip())
            if indented or (announced and info):
                last = number
                while last + 1 < len(lines) and text[slice(*lines[last + 1])].strip():
                    last += 1
                yield info, list(range(number, last + 1))
                number = last
            info, announced = "", False
        after_blank = not line.strip() or (after_blank and line.startswith("//"))
        number += 1


def _closing(text: str, lines: list[tuple[int, int]], opening: int, mark: str) -> int:
    """Return the line that closes a delimited block, or the one after the last."""
    for number in range(opening + 1, len(lines)):
        if text[slice(*lines[number])].rstrip() == mark:
            return number
    return len(lines)
