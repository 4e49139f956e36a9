"""TOML with places: a grammar that recovers tells where, the standard library tells what.

A broken line costs that line; everything else is still read, so that all problems come at once.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

    from catflap.bridge.file.problems import Notes

__all__ = ("Entry", "Table", "Value", "read_toml")

_DEEPEST = 32
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]*\r?\n\s*|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Value:
    """One value and its place.

    Args:
        data: as :mod:`tomllib` gives it; of an array a list of values, of a table a :class:`Table`.
        span: as it is written, quotes included.
        text: of the file.
    """

    data: object
    span: Span
    text: str = field(repr=False)

    def pieces(self) -> tuple[Literal, ...]:
        """Return a string's characters with their places in the file."""
        raw = self.text[self.span.start : self.span.end]
        quote = 3 if raw[:3] in {'"""', "'''"} else 1
        start, end = self.span.start + quote, self.span.end - quote
        if quote == 3 and self.text[start : start + 1] == "\n":
            start += 1
        if raw.startswith("'"):
            return (Literal(self.text[start:end], Span(start, end)),)
        return tuple(_unescaped(self.text, start, end))


def _unescaped(text: str, start: int, end: int) -> Iterator[Literal]:
    at = start
    for match in _ESCAPE.finditer(text, start, end):
        if match.start() > at:
            yield Literal(text[at : match.start()], Span(at, match.start()))
        meant = tomllib.loads(f'x = """{match.group()}"""')["x"]
        if meant:
            yield Literal(meant, Span(*match.span()))
        at = match.end()
    if at < end:
        yield Literal(text[at:end], Span(at, end))


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value."""

    name: str
    span: Span
    value: Value


@dataclass(frozen=True, slots=True)
class Table:
    """Keys in the order of the file; ``span`` is the header that began it."""

    span: Span
    entries: dict[str, Entry] = field(default_factory=dict)


@cache
def _parser() -> Parser:
    # Imported when a file is read: a relay that was told everything in words needs no grammar.
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_toml.language()))


def read_toml(text: str, notes: Notes) -> Table:
    """Return the tables of a text, as far as it can be read."""
    reader = _Reader(text, notes)
    table = reader.document()
    if not notes.found:
        _check_whole(text, notes)
    return table


def _check_whole(text: str, notes: Notes) -> None:
    """Let the standard library say what the grammar takes and TOML does not."""
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = str(error)
        place = _PLACE.search(message)
        at = len(text)
        if place is not None and place[1]:
            lines = text.split("\n")
            at = sum(len(line) + 1 for line in lines[: int(place[1]) - 1]) + int(place[2]) - 1
        start = min(at, max(len(text) - 1, 0))
        notes.add(_PLACE.sub("", message) or "this is no TOML", Span(start, min(at + 1, len(text))))


class _Reader:
    def __init__(self, text: str, notes: Notes) -> None:
        self._text = text
        self._notes = notes
        encoded = text.encode()
        self._at: list[int] | None = None
        if len(encoded) != len(text):
            self._at = []
            for position, char in enumerate(text):
                self._at.extend([position] * len(char.encode()))
            self._at.append(len(text))
        self._root = _parser().parse(encoded).root_node

    def _span(self, node: Node) -> Span:
        if self._at is None:
            return Span(node.start_byte, node.end_byte)
        return Span(self._at[node.start_byte], self._at[node.end_byte])

    def _source(self, node: Node) -> str:
        span = self._span(node)
        return self._text[span.start : span.end]

    def document(self) -> Table:
        top = Table(Span(0, 0))
        self._complain(self._root)
        for node in self._root.children:
            if node.type == "pair":
                self._pair(node, top, 0)
            elif node.type in {"table", "table_array_element"}:
                self._section(node, top)
        return top

    def _complain(self, root: Node) -> None:
        """Note every place that the grammar could not make sense of; the innermost ones."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node.is_missing:
                self._notes.add(f"{node.type} is missing", self._span(node))
            elif node.is_error:
                span = self._span(node)
                end = self._text.find("\n", span.start)
                first_line = Span(
                    span.start, max(span.start, min(span.end, end if end >= 0 else span.end))
                )
                self._notes.add("this is not TOML", first_line, "KEY = VALUE, or [TABLE]")
            elif node.has_error:
                waiting.extend(node.children)

    def _keys(self, node: Node) -> list[tuple[str, Span]]:
        if node.type == "dotted_key":
            found = []
            for child in node.children:
                if child.type in {"dotted_key", "bare_key", "quoted_key"}:
                    found.extend(self._keys(child))
            return found
        raw = self._source(node)
        if node.type == "quoted_key":
            try:
                return [(next(iter(tomllib.loads(f"{raw} = 0"))), self._span(node))]
            except tomllib.TOMLDecodeError:
                return [(raw, self._span(node))]
        return [(raw, self._span(node))]

    def _section(self, node: Node, top: Table) -> None:
        names = [child for child in node.children if child.type.endswith("_key")]
        if not names:
            return
        keys = self._keys(names[0])
        is_array = node.type == "table_array_element"
        table = self._descend(top, keys[:-1])
        if table is None:
            return
        table = self._open(table, *keys[-1], is_array=is_array)
        if table is None:
            return
        for child in node.children:
            if child.type == "pair":
                self._pair(child, table, 0)

    def _descend(self, table: Table, keys: list[tuple[str, Span]]) -> Table | None:
        for name, span in keys:
            entry = table.entries.get(name)
            if entry is None:
                inner = Table(span)
                table.entries[name] = Entry(name, span, Value(inner, span, self._text))
                table = inner
                continue
            data = entry.value.data
            if isinstance(data, list) and data and isinstance(data[-1].data, Table):
                data = data[-1].data
            if not isinstance(data, Table):
                self._notes.add(f"{name} is no table", span)
                return None
            table = data
        return table

    def _open(self, table: Table, name: str, span: Span, *, is_array: bool) -> Table | None:
        entry = table.entries.get(name)
        if is_array:
            inner = Table(span)
            value = Value(inner, span, self._text)
            if entry is None:
                table.entries[name] = Entry(name, span, Value([value], span, self._text))
            elif isinstance(entry.value.data, list):
                entry.value.data.append(value)
            else:
                self._notes.add(f"{name} is there already, and not as a list of tables", span)
            return inner
        return self._descend(table, [(name, span)])

    def _pair(self, node: Node, table: Table, depth: int) -> None:
        if any(child.is_error for child in node.children):
            return
        keys: list[Node] = []
        values: list[Node] = []
        after = False
        for child in node.children:
            if child.type == "=":
                after = True
            elif child.type != "comment":
                (values if after else keys).append(child)
        if not keys or not values or depth > _DEEPEST:
            return
        path = self._keys(keys[0])
        holder = self._descend(table, path[:-1])
        if holder is None:
            return
        name, span = path[-1]
        if name in holder.entries:
            self._notes.add(f"{name} is there twice", span, "one value")
            return
        value = self._value(values[0], depth + 1)
        if value is not None:
            holder.entries[name] = Entry(name, span, value)

    def _value(self, node: Node, depth: int) -> Value | None:
        span = self._span(node)
        if depth > _DEEPEST:
            self._notes.add("tables and lists are nested too deeply", span)
            return None
        if node.type == "array":
            skipped = {"[", "]", ",", "comment"}
            inner = [c for c in node.children if c.type not in skipped and not c.is_error]
            found = [self._value(child, depth + 1) for child in inner]
            return Value([each for each in found if each is not None], span, self._text)
        if node.type == "inline_table":
            table = Table(span)
            for child in node.children:
                if child.type == "pair":
                    self._pair(child, table, depth)
            return Value(table, span, self._text)
        try:
            data = tomllib.loads(f"x = {self._source(node)}")["x"]
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self._notes.add(_PLACE.sub("", str(error)), span)
            return None
        return Value(data, span, self._text)
