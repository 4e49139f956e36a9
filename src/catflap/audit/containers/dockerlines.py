"""Instructions of a Dockerfile: continued lines, comments between them, heredocs, directives.

Read by lines, as BuildKit's parser does, because no mistake in one instruction then hides another.
See https://docs.docker.com/reference/dockerfile/ (parser directives, escape, here-documents).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.text.lines import line_places

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Instruction", "instructions")

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*")
_NAME = re.compile(r"\s*([A-Za-z]+)(?=\s|$)\s*")
_HEREDOC = re.compile(r"<<(-?)(['\"]?)([A-Za-z_][A-Za-z0-9_.]*)\2")
_FLAG = re.compile(r"--[a-z][-a-z]*(?:=(?:\"[^\"]*\"|[^\s\"]+)*+)?\s+")
_TAKES_HEREDOC = frozenset({"RUN", "COPY", "ADD"})
_TAKES_LIST = frozenset({"CMD", "ENTRYPOINT"})
_OPEN_LIST = re.compile(r"\s*\[[^\]]*\Z")
_LIST_LINE = re.compile(r"\s*(?:\"[^\n]*|\]\s*)")
_MOST_LIST_LINES = 20


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Args:
        name: in upper case.
        body: what follows its name and flags; continued lines joined without the escape, comment
            lines left out.
        heredocs: what its here-documents hold.
        joined: the instruction's body together with its heredocs, for a shell that reads both.
    """

    name: str
    body: Passage
    heredocs: tuple[Passage, ...] = ()
    joined: Passage | None = None

    @property
    def is_script(self) -> bool:
        """Whether a here-document is all that is run: ``RUN <<EOF``."""
        return bool(self.heredocs) and _HEREDOC.fullmatch(self.body.text.strip()) is not None


def instructions(passage: Passage) -> Iterator[Instruction]:
    """Give the instructions of a Dockerfile in their order."""
    text = passage.text
    lines = list(line_places(text))
    escape = _escape(text, lines)
    number = 0
    while number < len(lines):
        start, end = lines[number]
        line = text[start:end].strip()
        if not line or line.startswith("#"):
            number += 1
            continue
        pieces, number = _continued(passage, lines, number, escape)
        body = Passage.join(pieces) if len(pieces) > 1 else pieces[0]
        found = _NAME.match(body.text)
        if found is None:
            continue
        name, at = found[1].upper(), found.end()
        if name == "ONBUILD":
            found = _NAME.match(body.text, at)
            if found is None:
                continue
            name, at = found[1].upper(), found.end()
        body = _unflagged(body.part(at, len(body)), name)
        if name in _TAKES_LIST and _OPEN_LIST.match(body.text):
            body, number = _closed(passage, lines, number, body)
        if name in _TAKES_HEREDOC and "<<" in body.text:
            heredocs, after = _heredocs(passage, lines, number, body)
            whole = _whole(passage, lines, number, after, body)
            yield Instruction(name, body, heredocs, whole)
            number = after
        else:
            yield Instruction(name, body)


def _escape(text: str, lines: list[tuple[int, int]]) -> str:
    """Return the character that continues a line: a backslash, or what a directive says."""
    for start, end in lines:
        found = _DIRECTIVE.fullmatch(text[start:end].strip())
        if found is None:
            break
        if found[1].lower() == "escape" and found[2] == "`":
            return "`"
    return "\\"


def _continued(
    passage: Passage, lines: list[tuple[int, int]], number: int, escape: str
) -> tuple[list[Passage], int]:
    """Return the parts of an instruction that begins in a line, and the line after it."""
    pieces: list[Passage] = []
    first = number
    while number < len(lines):
        start, end = lines[number]
        line = passage.text[start:end]
        number += 1
        if number - 1 > first and (not line.strip() or line.lstrip().startswith("#")):
            # Empty lines and comments within a continued instruction do not end it.
            continue
        stripped = line.rstrip(" \t")
        if stripped.endswith(escape):
            pieces.append(passage.part(start, start + len(stripped) - 1))
            continue
        pieces.append(passage.part(start, end))
        break
    return pieces, number


def _closed(
    passage: Passage, lines: list[tuple[int, int]], number: int, body: Passage
) -> tuple[Passage, int]:
    """Return a list with the lines that close it, where no escape continues them.

    Docker takes no such list; documents show it, and what is meant is plain.
    """
    pieces = [body]
    for after in range(number, min(number + _MOST_LIST_LINES, len(lines))):
        start, end = lines[after]
        if _LIST_LINE.fullmatch(passage.text, start, end) is None:
            break
        pieces.append(passage.part(start, end))
        if passage.text[start:end].rstrip().endswith("]"):
            return Passage.join(pieces), after + 1
    return body, number


def _unflagged(body: Passage, name: str) -> Passage:
    """Return the body without ``--mount=...``, ``--interval=5s`` and the like before it."""
    if name in {"CMD", "ENTRYPOINT", "ENV", "ARG"}:
        return body
    at = 0
    while found := _FLAG.match(body.text, at):
        at = found.end()
    return body.part(at, len(body)) if at else body


def _heredocs(
    passage: Passage, lines: list[tuple[int, int]], number: int, body: Passage
) -> tuple[tuple[Passage, ...], int]:
    """Return the here-documents that a body opens, and the line after the last of them."""
    text = passage.text
    found: list[Passage] = []
    for opening in _HEREDOC.finditer(body.text):
        begin = number
        while number < len(lines):
            start, end = lines[number]
            line = text[start:end]
            if (line.lstrip("\t") if opening[1] else line) == opening[3]:
                break
            number += 1
        first = lines[begin][0] if begin < len(lines) else len(text)
        last = lines[number][0] if number < len(lines) else len(text)
        found.append(passage.part(first, max(first, last)))
        number = min(number + 1, len(lines))
    return tuple(found), number


def _whole(
    passage: Passage, lines: list[tuple[int, int]], number: int, after: int, body: Passage
) -> Passage:
    """Return a body and the lines of its here-documents, as a shell would read them."""
    if number >= len(lines):
        return body
    start = lines[number][0]
    end = lines[min(after, len(lines)) - 1][1]
    place = body.span(0, len(body)).end
    line_end = Passage("\n", [place], [place])
    return Passage.join([body, line_end, passage.part(start, max(start, end))])
