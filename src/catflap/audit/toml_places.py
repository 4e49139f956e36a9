"""Where keys and values stand in a TOML text; the standard library's reader does not tell."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from catflap.audit.grammar import parse
from catflap.audit.passage import Passage
from catflap.core.spans import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from catflap.audit.grammar import Tree

__all__ = ("TomlPlaces",)

_TABLES = frozenset({"table", "table_array_element"})
_KEYS = frozenset({"bare_key", "dotted_key", "quoted_key"})


class TomlPlaces:
    """The places of a text that the standard library has read without complaint."""

    __slots__ = ("_keys", "_tree", "_values")

    def __init__(self, text: str) -> None:
        """Find every key and value."""
        self._keys: dict[tuple[str, ...], Span] = {}
        self._values: dict[tuple[str, ...], Span] = {}
        self._tree: Tree = parse("toml", Passage(text))
        for node in self._tree.root.named_children:
            if node.type in _TABLES:
                self._table(node)
            elif node.type == "pair":
                self._pair(node, ())

    def key(self, *path: str) -> Span:
        """Return the place of a key; of the nearest key around it when it has none."""
        return self._nearest(self._keys, path)

    def value(self, *path: str) -> Span:
        """Return the place of a value; an element of an array is named by its number."""
        return self._values.get(path) or self.key(*path)

    def _nearest(self, places: dict[tuple[str, ...], Span], path: tuple[str, ...]) -> Span:
        while path:
            if path in places:
                return places[path]
            path = path[:-1]
        return Span(0, 0)

    def _span(self, node: Node) -> Span:
        return Span(self._tree.start(node), self._tree.end(node))

    def _table(self, node: Node) -> None:
        path: tuple[str, ...] = ()
        for child in node.named_children:
            if child.type in _KEYS:
                path = self._path(child, ())
            elif child.type == "pair":
                self._pair(child, path)

    def _path(self, key: Node, above: tuple[str, ...]) -> tuple[str, ...]:
        """Return the path of a key and note the place of each of its parts."""
        if key.type == "dotted_key":
            for part in key.named_children:
                above = self._path(part, above)
            return above
        path = (*above, _name(self._tree.text(key)))
        self._keys.setdefault(path, self._span(key))
        return path

    def _pair(self, node: Node, above: tuple[str, ...]) -> None:
        key, *values = node.named_children
        path = self._path(key, above)
        for value in values:
            if value.type != "comment":
                self._value(value, path)

    def _value(self, node: Node, path: tuple[str, ...]) -> None:
        self._values.setdefault(path, self._span(node))
        if node.type == "inline_table":
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(child, path)
        elif node.type == "array":
            elements = [child for child in node.named_children if child.type != "comment"]
            for number, child in enumerate(elements):
                self._value(child, (*path, str(number)))


def _name(text: str) -> str:
    """Return a key as the reader gives it, without quotes."""
    if text[:1] not in {'"', "'"}:
        return text
    return next(iter(tomllib.loads(f"{text} = 0")))
