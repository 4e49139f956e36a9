"""TOML with places: a grammar tells where, the standard library tells what.

A broken statement costs that statement (:mod:`~catflap.bridge.file.statements`); everything else
is still read, so that all problems come at once.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.bridge.file.statements import Broken, Header, cut
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

    from catflap.bridge.file.problems import Notes
    from catflap.bridge.file.statements import Keys

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
    """Keys in the order of the file.

    Args:
        span: the header that began it.
        entries: what could be read, by name.
        broken: keys that are there, but cannot be read.
    """

    span: Span
    entries: dict[str, Entry] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def is_whole(self) -> bool:
        """Whether everything in it, and in tables within it, could be read."""
        inner = (entry.value.data for entry in self.entries.values())
        return not self.broken and all(each.is_whole for each in inner if isinstance(each, Table))


@cache
def _parser() -> Parser:
    # Imported when a file is read: a relay that was told everything in words needs no grammar.
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_toml.language()))


def read_toml(text: str, notes: Notes) -> Table:
    """Return the tables of a text, as far as it can be read."""
    wrong = _wrong_with(text)
    reader = _Reader(text, notes, is_sound=wrong is None)
    table = reader.document()
    if wrong is not None and not notes.found:
        # The standard library takes less than the rest: it says what.
        notes.add(*wrong)
    return table


def _wrong_with(text: str) -> tuple[str, Span, str] | None:
    """Return what the standard library objects to in a text, where, and what it would take."""
    try:
        tomllib.loads(text)
    except RecursionError:
        return "tables and lists are nested too deeply", Span(0, 0), "fewer of them"
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        at = len(text)
        if place is not None and place[1]:
            lines = text.split("\n")
            at = sum(len(line) + 1 for line in lines[: int(place[1]) - 1]) + int(place[2]) - 1
        message = _PLACE.sub("", message)
        if message.startswith("Cannot "):
            # It looks at a statement once it was read, and so points behind it.
            start = text.rfind("\n", 0, min(at, len(text))) + 1
            start += len(text[start:]) - len(text[start:].lstrip())
            end = max(start, min(at, len(text)))
            return "this was given before, or in another form", Span(start, end), "it once"
        start = min(at, max(len(text) - 1, 0))
        return message or "this is no TOML", Span(start, min(at + 1, len(text))), "TOML 1.0"
    return None


class _Reader:
    def __init__(self, text: str, notes: Notes, *, is_sound: bool) -> None:
        self._text = text
        self._notes = notes
        self._cut = cut(text, notes, is_sound=is_sound)
        self._opened: dict[tuple[int, str], Span] = {}
        self._repeats = False
        encoded = self._cut.text.encode()
        self._at: list[int] | None = None
        if len(encoded) != len(text):
            self._at = []
            for position, char in enumerate(self._cut.text):
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
        pairs = [node for node in self._root.children if node.type == "pair"]
        found: list[tuple[int, Header | Broken | Node]] = [
            *((each.at, each) for each in self._cut.headers),
            *((each.at, each) for each in self._cut.broken),
            *((self._span(node).start, node) for node in pairs),
        ]
        table = top
        for _, each in sorted(found, key=lambda pair: pair[0]):
            if isinstance(each, Header):
                # What stands below a header that cannot be read belongs nowhere.
                table = self._section(each, top) or Table(Span(each.at, each.at))
            elif isinstance(each, Broken):
                table.broken.update(name for name, _ in each.keys)
            else:
                self._pair(each, table, 0)
        return top

    def _complain(self, root: Node) -> None:
        """Note every place that the grammar could not make sense of; the innermost ones."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node.is_missing:
                self._notes.add(f"{node.type} is missing", self._span(node), node.type)
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

    def _section(self, header: Header, top: Table) -> Table | None:
        self._repeats = False
        if not header.keys:
            return None
        table = self._descend(top, header.keys[:-1])
        if table is None:
            return None
        if not header.is_array:
            self._note_repeated(table, header.keys)
        return self._open(table, *header.keys[-1], is_array=header.is_array)

    def _note_repeated(self, table: Table, keys: Keys) -> None:
        """Tell a table that is there twice: once, and not each of its keys as well."""
        name, span = keys[-1]
        before = self._opened.setdefault((id(table), name), span)
        self._repeats = before is not span
        if self._repeats:
            path = ".".join(key for key, _ in keys)
            line = self._text.count("\n", 0, before.start) + 1
            message = f"[{path}] is there twice, first in line {line}"
            self._notes.add(message, keys[0][1].cover(span), "another name, or one table for both")

    def _descend(self, table: Table, keys: Keys) -> Table | None:
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
                self._notes.add(f"{name} is no table", span, "a name that no value has")
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
                message = f"{name} is there already, and not as a list of tables"
                self._notes.add(message, span, "another name")
            return inner
        return self._descend(table, ((name, span),))

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
        path = tuple(self._keys(keys[0]))
        holder = self._descend(table, path[:-1])
        if holder is None:
            return
        name, span = path[-1]
        if name in holder.entries:
            if not self._repeats:
                self._notes.add(f"{name} is there twice", span, "one value")
            return
        value = self._value(values[0], depth + 1)
        if value is not None:
            holder.entries[name] = Entry(name, span, value)

    def _value(self, node: Node, depth: int) -> Value | None:
        span = self._span(node)
        if depth > _DEEPEST:
            self._notes.add("tables and lists are nested too deeply", span, "fewer of them")
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
            self._notes.add(_PLACE.sub("", str(error)), span, "a value of TOML 1.0")
            return None
        return Value(data, span, self._text)
