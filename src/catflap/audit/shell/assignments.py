"""Finds where a shell text gives variables their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from catflap.audit.shell.lexer import Lexer, PartKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from catflap.audit.shell.lexer import Word
    from catflap.audit.shell.text import ShellText
    from catflap.core.spans import Span

__all__ = ("Assignment", "Assignments")

_ASSIGNED = re.compile(r"(?<![\w$/.:{-])([A-Za-z_]\w*)(\[[^\]\n]{0,40}\])?(\+?)=", re.ASCII)
_DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*):?=", re.ASCII)
_SET = re.compile(r"(?<![\w-])set[ \t]+--(?=\s)")
_READ = re.compile(
    r"(?<![\w.$/-])(?:for|select|read|getopts|mapfile|readarray|let|printf[ \t]+-v)"
    r"(?=[ \t])([^\n;|&<>]*)|\(\([^()\n]*\)\)"
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FOR = re.compile(r"(?:for|select)[ \t]+([A-Za-z_]\w*)", re.ASCII)


class Assignment(NamedTuple):
    """One place where a variable gets a value.

    Args:
        name: the variable's; ``@`` for ``set --``.
        start: of the assignment within the passage.
        value: its words; ``None`` when only running it tells.
        is_array: whether the value is an array's words.
        appends: whether it is added to what was there.
        is_default: whether it counts only where nothing else was set.
        span: in the file.
    """

    name: str
    start: int
    value: tuple[Word, ...] | None
    is_array: bool
    appends: bool
    is_default: bool
    span: Span


class Assignments:
    """All assignments of a text, looked for at the first question."""

    __slots__ = ("_found", "_read", "_text")

    def __init__(self, text: ShellText) -> None:
        """Take the parsed text."""
        self._text = text
        self._found: dict[str, list[re.Match[str] | int]] | None = None
        self._read: dict[str, list[Assignment]] = {}

    def named(self, name: str) -> Sequence[Assignment]:
        """Return where a variable is assigned, in the order of the text."""
        known = self._read.get(name)
        if known is None:
            places = self._places().get(name, ())
            read = [self._assignment(name, place) for place in places]
            known = [assignment for assignment in read if assignment is not None]
            known.sort(key=lambda assignment: assignment.start)
            self._read[name] = known
        return known

    def before(self, assignment: Assignment) -> bool:
        """Whether another assignment of the same variable comes earlier in the text."""
        return any(other.start < assignment.start for other in self.named(assignment.name))

    def _places(self) -> dict[str, list[re.Match[str] | int]]:
        if self._found is not None:
            return self._found
        text = self._text.text
        self._text.budget.spend(len(text))
        found: dict[str, list[re.Match[str] | int]] = {}
        for pattern in (_ASSIGNED, _DEFAULT):
            for match in pattern.finditer(text):
                found.setdefault(match.group(1), []).append(match)
        for match in _SET.finditer(text):
            found.setdefault("@", []).append(match)
        for match in _READ.finditer(text):
            loop = _FOR.match(match.group())
            names = {loop.group(1)} if loop else set(_NAME.findall(match.group(1) or match.group()))
            for name in names:
                found.setdefault(name, []).append(match.start())
        self._found = found
        return found

    def _assignment(self, name: str, place: re.Match[str] | int) -> Assignment | None:
        text = self._text
        if isinstance(place, int):
            return self._unknown(name, place)
        start = place.start()
        path = text.path(start)
        kinds = [node.type for node in path]
        if "comment" in kinds or "heredoc_body" in kinds:
            return None
        if place.re is _DEFAULT:
            return self._default(name, place)
        if place.re is _SET:
            if not any(node.type == "command" and text.start_of(node) == start for node in path):
                return None
            words = text.lexer.simple(start).words[2:]
            return self._made(name, start, words, is_array=True)
        return self._plain(name, place, path)

    def _plain(self, name: str, place: re.Match[str], path: Sequence[Node]) -> Assignment | None:
        """Read ``NAME=value``, ``NAME+=value``, ``NAME=(words)``."""
        text = self._text
        start, end = place.span()
        node = next((n for n in reversed(path) if n.type == "variable_assignment"), None)
        if node is None or text.tree.start(node) != start:
            return None
        holder = next((n for n in reversed(path) if n.type == "command"), None)
        if holder is not None and _first_word_follows(holder, node, text):
            # ``NAME=value program``: only that program sees it.
            return None
        appends = place.group(3) == "+"
        if place.group(2):
            return self._unknown(name, start)
        if text.text.startswith("(", end):
            return self._made(name, start, self._array(end), is_array=True, appends=appends)
        word = text.lexer.word(end)
        return self._made(name, start, (word,), appends=appends)

    def _array(self, at: int) -> tuple[Word, ...]:
        """Return the words between the parentheses."""
        text = self._text
        whole = text.lexer.word(at - 1)
        last = whole.parts[-1] if whole.parts else None
        end = last.end - 1 if last is not None and last.kind is PartKind.OPAQUE else at + 1
        words: list[Word] = []
        at += 1
        while at < end:
            simple = Lexer(text.text, text.budget, end).simple(at)
            words.extend(simple.words)
            at = max(simple.after, at + 1)
        return tuple(words)

    def _default(self, name: str, place: re.Match[str]) -> Assignment:
        text = self._text
        parts = Lexer(text.text, text.budget).word(place.start()).parts
        stop = parts[0].end - 1 if parts else place.end()
        lexer = Lexer(text.text, text.budget, max(stop, place.end()))
        word = lexer.word(place.end())
        return self._made(name, place.start(), (word,))._replace(is_default=True)

    def _unknown(self, name: str, start: int) -> Assignment | None:
        kinds = {node.type for node in self._text.path(start)}
        if kinds & {"comment", "heredoc_body", "string", "raw_string"}:
            return None
        span = self._text.passage.span(start, start)
        return Assignment(name, start, None, False, False, False, span)

    def _made(
        self,
        name: str,
        start: int,
        words: tuple[Word, ...],
        *,
        is_array: bool = False,
        appends: bool = False,
    ) -> Assignment:
        end = words[-1].end if words else start
        span = self._text.passage.span(start, end)
        return Assignment(name, start, words, is_array, appends, False, span)


def _first_word_follows(command: Node, assignment: Node, text: ShellText) -> bool:
    """Whether the assignment stands before a program's name in one command."""
    name = command.child_by_field_name("name")
    if name is None or assignment.end_byte > name.start_byte:
        return False
    return text.start_of(command) <= text.tree.start(assignment)
