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

    __slots__ = ("_paths", "budget", "lexer", "passage", "text", "tree")

    def __init__(self, passage: Passage, budget: Budget) -> None:
        """Parse."""
        budget.spend(len(passage.text))
        self.passage = passage
        self.text = passage.text
        self.budget = budget
        self.tree = parse("bash", _eased(passage))
        self.lexer = Lexer(passage.text, budget)
        self._paths: dict[int, tuple[Node, ...]] = {}

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
