"""One parsed shell text: its tree, and the way from the root to any place in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.grammar import parse
from catflap.audit.passage import Passage
from catflap.audit.shell.lexer import Lexer

if TYPE_CHECKING:
    from tree_sitter import Node

    from catflap.audit.context import Budget
    from catflap.core.spans import Span

__all__ = ("ShellText",)

# What one step down the tree costs, in characters lexed.
_NODE = 25

# From so many marks on, the grammar's look ahead for patterns as ``@(a|b)`` is felt.
_MANY_MARKS = 128
_MARK = re.compile(r"(?<![$\[{])[@?](?!\()")

_BEGUN = frozenset({"redirected_statement", "pipeline", "list"})
"""What begins with a command."""

_LINE_END = re.compile(r"(?<!\\)\r?\n")

_PATTERN = re.compile(r"[@?](?=\()")


def _eased(passage: Passage) -> Passage:
    """Return the text as it is parsed: only where its commands stand is asked of the tree.

    At each ``@`` and ``?`` of a word tree-sitter-bash (0.25) looks for a pattern up to the end
    of the text, which takes time by the square of their number. To a command's place they are
    letters as others are.
    """
    if passage.text.count("@") + passage.text.count("?") < _MANY_MARKS:
        return passage
    text = _MARK.sub("a", passage.text)
    if len(_PATTERN.findall(text)) >= _MANY_MARKS:
        text = _PATTERN.sub("a", text)
    return Passage(text)


class ShellText:
    """A passage of shell, parsed.

    Args:
        passage: to parse.
        budget: of the file.
    """

    __slots__ = ("_paths", "_starts", "budget", "lexer", "passage", "text", "tree")

    def __init__(self, passage: Passage, budget: Budget) -> None:
        """Parse."""
        budget.spend(len(passage.text))
        self.passage = passage
        self.text = passage.text
        self.budget = budget
        self.tree = parse("bash", _eased(passage))
        self.lexer = Lexer(passage.text, budget)
        self._paths: dict[int, tuple[Node, ...]] = {}
        self._starts: dict[int, int] = {}

    def path(self, at: int) -> tuple[Node, ...]:
        """Return the nodes that hold a character, from the root to the leaf."""
        known = self._paths.get(at)
        if known is not None:
            return known
        byte = self.tree.byte(at)
        cursor = self.tree.root.walk()
        nodes = [self.tree.root]
        while cursor.goto_first_child_for_byte(byte) is not None:
            node = cursor.node
            if node is None or node.start_byte > byte or node.end_byte <= byte:
                break
            nodes.append(node)
        self.budget.spend(_NODE * len(nodes))
        found = self._paths[at] = tuple(nodes)
        return found

    def start_of(self, node: Node) -> int:
        """Return where a command, or what begins with one, begins.

        A line of several assignments and nothing else is a command of its own;
        tree-sitter-bash (0.25) takes it for the beginning of the one on the next line.
        """
        known = self._starts.get(node.id)
        if known is None:
            known = self._starts[node.id] = self._start_of(node)
        return known

    def _start_of(self, node: Node) -> int:
        command = node
        while command.type in _BEGUN and (inner := command.child(0)) is not None:
            command = inner
        start = end = self.tree.start(node)
        first = command.child(0) if command.type == "command" else None
        if first is None or first.type != "variable_assignment":
            return start
        for child in command.children:
            place = self.tree.start(child)
            if _LINE_END.search(self.text, end, place):
                start = place
            if child.type not in {"variable_assignment", "comment"}:
                break
            end = self.tree.end(child)
        return start

    def first_error(self) -> Span | None:
        """Return the place of the first thing that the grammar could not read."""
        node = self.tree.root
        if not node.has_error:
            return None
        while not (node.is_error or node.is_missing):
            child = next((child for child in node.children if child.has_error), None)
            if child is None:
                break
            node = child
        start = self.tree.start(node)
        end = min(self.tree.end(node), max(start + 1, self.text.find("\n", start)))
        return self.passage.span(start, min(end, len(self.text)))
