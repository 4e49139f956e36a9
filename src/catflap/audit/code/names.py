"""Follows names to what was assigned to them, as far as one reading of the file can."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from catflap.audit.grammar import Tree

__all__ = ("Binding", "Change", "Names", "Shape", "lineage")

_DEEPEST = 250
_MOST_USES = 400
_MOST_CHOICES = 6
_MOST_BINDINGS = 60
_LONGEST_NAME = 80


class Change(Enum):
    """What a place in the file does to a name."""

    SET = "set"
    ADD = "add"
    """Its values are lists (or strings) that come after what is there: ``+=``, ``extend``."""
    APPEND = "append"
    """Its values are elements that come after what is there."""
    OPAQUE = "opaque"
    """It gets a value that the file does not show: a parameter, a loop."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a name gets its value or more of it."""

    change: Change
    node: Node
    values: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The node types of a grammar that decide which assignment holds.

    Args:
        scopes: functions and classes.
        blocks: what holds statements that run one after the other.
        choices: what runs one of its children.
        loops: what runs its children again.
    """

    scopes: frozenset[str]
    blocks: frozenset[str]
    choices: frozenset[str]
    loops: frozenset[str]


def lineage(root: Node, node: Node) -> list[Node]:
    """Return the node and what holds it, outwards; nothing for a depth that no person writes.

    Going down from the root takes one step for each level. A node's parent is found by the
    grammar's library in as many steps each time.
    """
    found = [root]
    while found[-1] != node:
        below = found[-1].child_with_descendant(node)
        if below is None or len(found) >= _DEEPEST:
            return []
        found.append(below)
    return found[::-1]


class Names:
    """The names of one file.

    Args:
        binding: what a language says about one occurrence of a name; ``None`` for a mere use.
    """

    def __init__(
        self,
        tree: Tree,
        shape: Shape,
        node_at: Callable[[int, int], Node | None],
        binding: Callable[[Node, Node], Binding | None],
    ) -> None:
        """Take the file and its language."""
        self._tree = tree
        self._shape = shape
        self._node_at = node_at
        self._binding = binding
        self._known: dict[str, tuple[Binding, ...]] = {}
        self._lines: dict[int, list[Node]] = {}
        self._apart: dict[tuple[int, int], bool] = {}
        self._chosen: dict[int, list[list[Binding]]] = {}

    def occurrences(self, name: str) -> Iterable[Node]:
        """Return the places at which a name stands, dotted ones included."""
        pattern = re.compile(rf"(?<![\w$.@]){re.escape(name)}(?![\w$])")
        for count, match in enumerate(pattern.finditer(self._tree.passage.text)):
            if count >= _MOST_USES:
                return
            node = self._node_at(*match.span())
            if node is not None and self._tree.text(node) == name:
                yield node

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Return where a name gets its value, in the order of the file."""
        if name not in self._known:
            self._known[name] = ()
            found = []
            for node in self._widest(name):
                parent = node.parent
                bound = self._binding(node, parent) if parent is not None else None
                if bound is not None:
                    found.append(bound)
            self._known[name] = tuple(found)
        return self._known[name]

    def _widest(self, name: str) -> Iterable[Node]:
        for node in self.occurrences(name):
            line = self.line(node)
            for inner, outer in _steps(line):
                same = outer.start_byte == inner.start_byte and outer.end_byte == inner.end_byte
                if not same or outer.type in self._shape.blocks:
                    yield inner
                    break

    def choices(self, use: Node) -> list[list[Binding]]:
        """Return what a name may stand for where it is used.

        Each is one assignment with what is added to it afterwards; several when branches differ.
        """
        if use.end_byte - use.start_byte > _LONGEST_NAME:
            return []
        if use.id not in self._chosen:
            self._chosen[use.id] = self._choices(use)
        return self._chosen[use.id]

    def _choices(self, use: Node) -> list[list[Binding]]:
        name = self._tree.text(use)
        bindings = self.bindings(name)
        if not bindings or len(bindings) > _MOST_BINDINGS:
            return []
        line = self.line(use)
        relevant, ordered = self._visible(bindings, line, dotted="." in name or "@" in name)
        if not ordered:
            return self._live(relevant, None)
        before = [
            each
            for each in relevant
            if each.node.end_byte <= use.start_byte and not _adds_to(each, use)
        ]
        live = self._live(before, line)
        loops = {each.id for each in line if each.type in self._shape.loops}
        for each in relevant:
            again = each.node.start_byte >= use.end_byte and each.change is not Change.APPEND
            if again and any(above.id in loops for above in self.line(each.node)):
                live.append([Binding(Change.OPAQUE, each.node)])
                break
        return live

    def _visible(
        self, bindings: tuple[Binding, ...], line: list[Node], *, dotted: bool
    ) -> tuple[list[Binding], bool]:
        """Return the bindings of the nearest scope that has one, and whether their order counts."""
        if dotted:
            return list(bindings), False
        scopes = [each.id for each in line[1:] if each.type in self._shape.scopes]
        by_scope: dict[int, list[Binding]] = {}
        for each in bindings:
            by_scope.setdefault(self._scope(each.node), []).append(each)
        for position, scope in enumerate((*scopes, 0)):
            if scope in by_scope:
                return by_scope[scope], position == 0
        return [], False

    def _live(self, bindings: list[Binding], use: list[Node] | None) -> list[list[Binding]]:
        live: list[list[Binding]] = []
        used_in = {each.id for each in use or ()}
        for each in bindings:
            if each.change in {Change.SET, Change.OPAQUE}:
                if use is not None and self._block(each.node) in used_in:
                    live = []
                live.append([each])
            else:
                live = self._added(live, each)
            live = live[:_MOST_CHOICES]
        return live

    def _added(self, live: list[list[Binding]], addition: Binding) -> list[list[Binding]]:
        found: list[list[Binding]] = []
        for chain in live:
            if self._exclusive(chain[0], addition):
                found.append(chain)
                continue
            together = [each for each in chain if not self._exclusive(each, addition)]
            if len(together) < len(chain):
                found.append(chain)
            found.append([*together, addition])
        return found

    def _exclusive(self, one: Binding, other: Binding) -> bool:
        """Whether the two stand in different branches of one choice."""
        key = (one.node.id, other.node.id)
        if key not in self._apart:
            self._apart[key] = self._parted(one, other)
        return self._apart[key]

    def _parted(self, one: Binding, other: Binding) -> bool:
        below = {parent.id: child for child, parent in _steps(self.line(one.node))}
        for child, parent in _steps(self.line(other.node)):
            if parent.id in below:
                mine = below[parent.id]
                return parent.type in self._shape.choices and mine.id != child.id
        return False

    def _block(self, node: Node) -> int:
        for each in self.line(node)[1:]:
            if each.type in self._shape.blocks:
                return each.id
        return 0

    def _scope(self, node: Node) -> int:
        for each in self.line(node)[1:]:
            if each.type in self._shape.scopes:
                return each.id
        return 0

    def line(self, node: Node) -> list[Node]:
        """Return the node and what holds it, outwards; nothing when that is too deep."""
        if node.id not in self._lines:
            self._lines[node.id] = lineage(self._tree.root, node)
        return self._lines[node.id]


def _adds_to(binding: Binding, use: Node) -> bool:
    """Whether a use is what is added to: ``args`` to the right of ``args = append(args, "x")``."""
    if binding.change is not Change.APPEND:
        return False
    whole = binding.node.parent
    while whole is not None and whole.type == "expression_list":
        whole = whole.parent
    return whole is not None and use.end_byte <= whole.end_byte


def _steps(line: list[Node]) -> Iterable[tuple[Node, Node]]:
    return pairwise(line)
