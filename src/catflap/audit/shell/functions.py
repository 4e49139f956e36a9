"""Functions of a shell text, and where they are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from catflap.audit.shell.assignments import Assignment
    from catflap.audit.shell.lexer import Simple
    from catflap.audit.shell.text import ShellText

__all__ = ("Functions",)

_SHIFT = re.compile(r"(?<![\w.$-])(?:shift|getopts)(?![\w.-])|(?<![\w-])set[ \t]+--")
_DEFINED = re.compile(
    r"(?:(?<=\s)|(?<=[;{}])|\A)(?:function[ \t]+([\w:.-]+)|([\w:.-]+)[ \t]*\([ \t]*\))"
)
_PLAIN = re.compile(r"[\w.-]+")
_USED = re.compile(r"(?<![\w./$-])[\w.-]+(?![\w(=./-])")
_MOST_CALLS = 24


class Functions:
    """Functions of one text.

    Attributes:
        reached: what was found to reach a place, by the assignments asked about, the place and
            how many calls led there; each answer with its assignments.
    """

    __slots__ = ("_calls", "_defined", "_shifts", "_text", "_words", "reached")

    def __init__(self, text: ShellText) -> None:
        """Take the parsed text."""
        self._text = text
        self._defined: dict[str, int] | None = None
        self._calls: dict[int, Sequence[Simple]] = {}
        self._shifts: dict[int, bool] = {}
        self._words: dict[str, list[int]] | None = None
        self.reached: dict[tuple[int, int, int], tuple[Sequence[Assignment], list[Assignment]]] = {}

    def around(self, at: int) -> Node | None:
        """Return the innermost function that holds a place, or ``None`` at the top."""
        path = self._text.path(at)
        return next((node for node in reversed(path) if node.type == "function_definition"), None)

    def named(self, name: str) -> Node | None:
        """Return the first function of a name."""
        if self._defined is None:
            self._text.budget.spend(len(self._text.text))
            found = _DEFINED.finditer(self._text.text)
            self._defined = {}
            for match in found:
                self._defined.setdefault(match.group(1) or match.group(2), match.start())
        at = self._defined.get(name)
        if at is None:
            return None
        for node in self._text.path(at):
            if node.type == "function_definition" and self.name(node) == name:
                return node
        return None

    def name(self, function: Node) -> str:
        """Return a function's name."""
        node = function.child_by_field_name("name")
        return "" if node is None else self._text.tree.text(node)

    def shifts(self, function: Node | None) -> bool:
        """Whether the positional parameters move while a function runs (``shift``)."""
        node = function or self._text.tree.root
        known = self._shifts.get(node.id)
        if known is None:
            start, end = self._text.tree.start(node), self._text.tree.end(node)
            self._text.budget.spend(end - start)
            pattern = _SHIFT if function is not None else re.compile(r"(?m)^\s*shift\b")
            known = self._shifts[node.id] = bool(pattern.search(self._text.text, start, end))
        return known

    def calls(self, function: Node) -> Sequence[Simple]:
        """Return the commands that call a function, in the order of the text."""
        known = self._calls.get(function.id)
        if known is None:
            known = self._calls[function.id] = self._find(function)
        return known

    def _find(self, function: Node) -> Sequence[Simple]:
        name = self.name(function)
        if not name:
            return ()
        text = self._text
        found: list[Simple] = []
        for start in self._places(name):
            path = text.path(start)
            if any(n.type == "command" and text.start_of(n) == start for n in path):
                found.append(text.lexer.simple(start))
            if len(found) > _MOST_CALLS:
                break
        return found

    def _places(self, name: str) -> Sequence[int]:
        """Return where a name stands as a whole word and is not defined."""
        text = self._text
        if not _PLAIN.fullmatch(name):
            text.budget.spend(len(text.text))
            pattern = rf"(?<![\w./$-]){re.escape(name)}(?![\w(=./-])"
            return [match.start() for match in re.finditer(pattern, text.text)]
        if self._words is None:
            # Once for all names: a script of a thousand lines has a hundred functions.
            text.budget.spend(2 * len(text.text))
            self._words = {}
            for match in _USED.finditer(text.text):
                self._words.setdefault(match.group(), []).append(match.start())
        return self._words.get(name, ())
