"""Values of JSON and TOML as tree-sitter's grammars tell them, broken files included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.text.data import decoded
from catflap.audit.text.lines import LONGEST, stripped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from catflap.audit.grammar import Tree
    from catflap.audit.passage import Passage
    from catflap.audit.text.data import Value
    from catflap.core.spans import Span

__all__ = ("NodeValue", "faults", "roots")

_TABLES = frozenset({"object", "inline_table", "table", "table_array_element"})
_KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})
_MOST_FAULTS = 3


class NodeValue:
    """A value in a tree."""

    __slots__ = ("_known", "_node", "_tree")

    def __init__(self, tree: Tree, node: Node) -> None:
        """Take the node."""
        self._tree = tree
        self._node = node
        self._known: list[tuple[str, Value]] | None = None

    @property
    def text(self) -> str:
        """What is written in the file."""
        return self._tree.text(self._node)

    @property
    def span(self) -> Span:
        """Where it is written, quotes included."""
        tree = self._tree
        return tree.passage.span(tree.start(self._node), tree.end(self._node))

    @property
    def passage(self) -> Passage | None:
        """What a string says; ``None`` for anything else."""
        if self._node.type != "string":
            return None
        text, start = self.text, self._tree.start(self._node)
        width = 3 if text[:3] in {'"""', "'''"} and len(text) >= 6 else 1
        if not 2 * width <= len(text) <= LONGEST:
            return None
        inner = self._tree.passage.part(start + width, start + len(text) - width)
        if width == 3 and inner.text.startswith("\n"):
            inner = inner.part(1, len(inner.text))
        # Single quotes know no escapes in TOML; those of JSON5 do, and a backslash there is rare.
        return inner if text[0] == "'" else decoded(inner)

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return self._node.type == "array"

    @property
    def is_table(self) -> bool:
        """Whether it has names and values."""
        return self._node.type in _TABLES

    def items(self) -> list[Value]:
        """Return the values of a list."""
        return [
            NodeValue(self._tree, node)
            for node in _settled(self._node)
            if node.is_named and node.type not in {"comment", "ERROR"} and not node.is_missing
        ]

    def entries(self) -> list[tuple[str, Value]]:
        """Return the names and values of a table."""
        if self._known is None:
            self._known = list(_entries(self._tree, self._node))
        return self._known


def _settled(node: Node) -> Iterator[Node]:
    """Give the children, those within an error in its place."""
    for child in node.children:
        if child.type == "ERROR":
            yield from child.children
        else:
            yield child


def _entries(tree: Tree, node: Node) -> Iterator[tuple[str, Value]]:
    for child in _settled(node):
        if child.type == "pair":
            named = [each for each in child.children if each.is_named and each.type != "comment"]
            if len(named) >= 2:
                yield _name(tree, named[0]), NodeValue(tree, named[-1])
        elif child.type in {"table", "table_array_element"}:
            key = next((each for each in child.children if each.type in _KEYS), None)
            if key is not None:
                yield _name(tree, key), NodeValue(tree, child)


def _name(tree: Tree, node: Node) -> str:
    text = tree.text(node)
    if node.type == "dotted_key":
        return text.rpartition(".")[2].strip().strip("\"'")
    return text[1:-1] if text[:1] in {'"', "'"} else text


class Document(NodeValue):
    """The whole of a TOML file: its tables are its entries, as are the pairs before them."""

    __slots__ = ()

    @property
    def is_table(self) -> bool:
        """It has names and values."""
        return True


def roots(tree: Tree) -> list[Value]:
    """Return the values at the top: one in JSON; a TOML file is a table."""
    kinds = {child.type for child in _settled(tree.root)}
    if kinds & {"pair", "table", "table_array_element"}:
        return [Document(tree, tree.root)]
    return [
        NodeValue(tree, child)
        for child in _settled(tree.root)
        if child.type in {"object", "array", "string"}
    ]


def faults(tree: Tree) -> Iterator[tuple[int, int]]:
    """Give the places that could not be read, at most three; commas too many are no fault."""
    if not tree.root.has_error:
        return
    told = 0
    pending = [tree.root]
    while pending and told < _MOST_FAULTS:
        node = pending.pop()
        if node.type == "ERROR":
            start, end = stripped(tree.passage.text, tree.start(node), tree.end(node))
            if tree.passage.text[start:end] not in {"", ","}:
                told += 1
                yield start, end
            continue
        if node.has_error:
            pending.extend(reversed(node.children))
