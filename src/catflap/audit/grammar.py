"""Tree-sitter grammars, each loaded when a file of its kind is first read."""

from __future__ import annotations

import importlib
import re
import time
from bisect import bisect_left
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query
    from tree_sitter import Tree as SyntaxTree

    from catflap.audit.passage import Passage

__all__ = ("Tree", "captures", "first_error", "language", "operands", "parse", "query")

_LONG_PATH = re.compile(rb"(?:\.[ \t\n]*[A-Za-z_][\w'-]*){200,}")
_SECONDS = 2.0
_SECONDS_A_BYTE = 1e-6
_CHUNK = 1 << 16
_LONGEST_CHAIN = 200
_FUNCTIONS = {
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
}


_DEEPEST_ERROR = 60


@cache
def language(name: str) -> Language:
    """Return a grammar by its name: ``bash``, ``yaml``, ``python``."""
    from tree_sitter import Language

    module, function = _FUNCTIONS.get(name, (f"tree_sitter_{name}", "language"))
    return Language(getattr(importlib.import_module(module), function)())


@cache
def _parser(name: str) -> Parser:
    from tree_sitter import Parser

    return Parser(language(name))


@cache
def query(name: str, pattern: str) -> Query:
    """Return a compiled query of a grammar."""
    from tree_sitter import Query

    return Query(language(name), pattern)


def captures(name: str, pattern: str, root: Node) -> dict[str, list[Node]]:
    """Return the nodes below a root that a query names, each list in the order of the text."""
    from tree_sitter import QueryCursor

    found = QueryCursor(query(name, pattern)).captures(root)
    return {each: sorted(nodes, key=lambda node: node.start_byte) for each, nodes in found.items()}


class Tree:
    """A parsed passage; nodes are asked for their places in characters, not in bytes."""

    __slots__ = ("_at", "passage", "root")

    def __init__(self, root: Node, passage: Passage, at: list[int] | None) -> None:
        """Take the root, the passage, and the character of each byte unless all are ASCII."""
        self.root = root
        self.passage = passage
        self._at = at

    def start(self, node: Node) -> int:
        """Return the first character of a node within the passage."""
        return node.start_byte if self._at is None else self._at[node.start_byte]

    def end(self, node: Node) -> int:
        """Return the character after the last one of a node within the passage."""
        return node.end_byte if self._at is None else self._at[node.end_byte]

    def byte(self, at: int) -> int:
        """Return the byte of a character within the passage."""
        return at if self._at is None else bisect_left(self._at, at)

    def text(self, node: Node) -> str:
        """Return the text of a node, holes as their stand-ins."""
        return self.passage.text[self.start(node) : self.end(node)]

    def node(self, start: int, end: int) -> Node | None:
        """Return the smallest node that holds the characters from ``start`` to ``end``."""
        if self._at is not None:
            start, end = bisect_left(self._at, start), bisect_left(self._at, end)
        return self.root.descendant_for_byte_range(start, end)

    def part(self, node: Node) -> Passage:
        """Return a node as a passage of its own."""
        return self.passage.part(self.start(node), self.end(node))


def _shortened(name: str, encoded: bytes) -> bytes:
    """Return the bytes that are parsed: a path of hundreds of names becomes one name as long.

    tree-sitter-nix takes time by the square of the length of ``a.a.a``.
    """
    if name != "nix":
        return encoded
    return _LONG_PATH.sub(lambda path: path[0].replace(b".", b"_"), encoded)


def _tree(name: str, text: bytes) -> SyntaxTree:
    """Parse bytes so that it can be stopped.

    A thousand bytes of a broken TypeScript file keep the grammar busy for three minutes, in which
    no signal is heard. The library asks a callback whether to go on when it is handed the text by a
    function, and in that call signals are.

    Raises:
        TimeoutError: it took too long.
    """
    parser = _parser(name)
    end = time.process_time() + _SECONDS + len(text) * _SECONDS_A_BYTE
    # Else it would go on with the text that it was stopped at.
    parser.reset()
    try:
        return parser.parse(
            lambda at, _: text[at : at + _CHUNK],
            progress_callback=lambda _at, _error: time.process_time() > end,
        )
    except ValueError:
        raise TimeoutError from None


def parse(name: str, passage: Passage) -> Tree:
    """Parse a passage by a grammar; what is wrong with it is in the tree's ERROR nodes."""
    encoded = passage.text.encode("utf-8", "replace")
    tree = _tree(name, _shortened(name, encoded))
    at = None
    if len(encoded) != len(passage.text):
        # The character of each byte: continuation bytes (10xxxxxx) belong to the one before.
        at = [count - 1 for count in accumulate((byte & 0xC0) != 0x80 for byte in encoded)]
        at.append(len(passage.text))
    return Tree(tree.root_node, passage, at)


def first_error(root: Node) -> Node:
    """Return the first node of a tree that could not be parsed, as near to it as is worth it."""
    node = root
    for _ in range(_DEEPEST_ERROR):
        broken = next((each for each in node.children if each.has_error or each.is_missing), None)
        if broken is None:
            return node
        node = broken
    return node


def operands(node: Node, kind: str, operation: str = "+") -> list[Node]:
    """Return what a chain of one operator joins, from left to right, without recursion.

    Args:
        node: the outermost of the chain; alone, when it is none.
        kind: the type of node that has ``left``, ``operator`` and ``right``.
        operation: the operator.
    """
    found: list[Node] = []
    while node.type == kind and len(found) < _LONGEST_CHAIN:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None or operator.type != operation:
            break
        found.append(right)
        node = left
    return [node, *reversed(found)]
