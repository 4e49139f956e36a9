"""One stream of YAML: its documents, its anchors, and where the name of a relay occurs."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from catflap.audit.grammar import query
from catflap.audit.yaml.values import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from catflap.audit.grammar import Tree
    from catflap.audit.yaml.values import Value

__all__ = ("Document",)

_RELAY = re.compile(r"socat|catflap|-(?:listen|LISTEN):")
_REFERENCE = re.compile(r"[&*][^\s,\[\]{}]")
_ALIASES = "(anchor) @anchor (alias) @alias"
_MOST_ALIASES = 20_000
"""Aliases that are followed in one stream: ten nested ones can otherwise stand for a billion."""

_MAPPINGS = frozenset({"block_mapping", "flow_mapping"})
_SEQUENCES = frozenset({"block_sequence", "flow_sequence"})
_SCALARS = frozenset({
    "plain_scalar",
    "double_quote_scalar",
    "single_quote_scalar",
    "block_scalar",
})  # fmt: skip
_HOLDERS = frozenset({"block_mapping", "block_sequence"})


class Document:
    """What the values of one stream share.

    Args:
        tree: the whole stream as parsed.
    """

    __slots__ = ("_anchors", "_left", "_marks", "tree")

    def __init__(self, tree: Tree) -> None:
        """Find the anchors, and the places that a reader must not pass by."""
        self.tree = tree
        self._left = _MOST_ALIASES
        self._anchors: dict[str, list[tuple[int, Node]]] = {}
        text = tree.passage.text
        marks = [found.start() for found in _RELAY.finditer(text)]
        marks.extend(at for at, hole in tree.passage.holes.items() if _RELAY.search(hole))
        if _REFERENCE.search(text):
            marks.extend(self._find_anchors())
        self._marks = sorted(tree.byte(at) for at in marks)

    def _find_anchors(self) -> Iterator[int]:
        """Note the anchors, and give the places of the aliases."""
        from tree_sitter import QueryCursor

        found = QueryCursor(query("yaml", _ALIASES)).captures(self.tree.root)
        for anchor in found.get("anchor", ()):
            name = self.tree.text(anchor)[1:]
            if anchor.parent is not None:
                self._anchors.setdefault(name, []).append((anchor.start_byte, anchor.parent))
        for places in self._anchors.values():
            places.sort(key=lambda place: place[0])
        return (self.tree.start(alias) for alias in found.get("alias", ()))

    def values(self) -> Iterator[Value | None]:
        """Give the value of each document of the stream."""
        for document in self.tree.root.named_children:
            if document.type != "document":
                continue
            for child in document.named_children:
                if child.type in {"block_node", "flow_node"}:
                    yield self.value(child)
                    break

    def mentions(self, node: Node) -> bool:
        """Whether the name of a relay, or an alias, occurs within a node."""
        first = bisect_left(self._marks, node.start_byte)
        return first < len(self._marks) and self._marks[first] < node.end_byte

    def value(self, node: Node) -> Value | None:
        """Return what a node stands for; an alias stands for what its anchor does."""
        tag = ""
        for child in node.named_children:
            kind = child.type
            if kind in _MAPPINGS:
                return Mapping(self, child, tag)
            if kind in _SEQUENCES:
                return Sequence(self, child, tag)
            if kind in _SCALARS:
                inner = child.named_children
                if kind == "plain_scalar" and inner and inner[0].type == "null_scalar":
                    return None
                return Scalar(self, child, tag)
            if kind == "alias":
                return self._aliased(child)
            if kind == "tag":
                tag = self.tree.text(child)
        return None

    def _aliased(self, alias: Node) -> Value | None:
        """Return the value of the last anchor of that name before the alias."""
        places = self._anchors.get(self.tree.text(alias)[1:])
        if places is None or self._left <= 0:
            return None
        self._left -= 1
        before = bisect_right(places, alias.start_byte, key=lambda place: place[0])
        if not before:
            return None
        holder = places[before - 1][1]
        if holder.start_byte <= alias.start_byte < holder.end_byte:
            return None
        return self.value(holder)

    def column_of_holder(self, node: Node) -> int:
        """Return the column of the mapping or sequence around a node; -1 when there is none."""
        holder = node.parent
        while holder is not None and holder.type not in _HOLDERS:
            holder = holder.parent
        if holder is None:
            return -1
        start = self.tree.start(holder)
        return start - (self.tree.passage.text.rfind("\n", 0, start) + 1)
