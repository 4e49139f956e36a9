"""Values of a YAML document, taken from the grammar's tree when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from catflap.audit.yaml import scalars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from catflap.audit.passage import Passage
    from catflap.audit.yaml.document import Document
    from catflap.core.spans import Span

__all__ = ("Entry", "Mapping", "Scalar", "Sequence", "Value")

_MERGE = "<<"
_DEEPEST_MERGE = 8


class Scalar:
    """A scalar, decoded when its text is asked for.

    Args:
        document: that holds it.
        node: the grammar's node of the scalar.
    """

    __slots__ = ("_passage", "document", "node", "tag")

    def __init__(self, document: Document, node: Node, tag: str = "") -> None:
        """Take the place."""
        self.document = document
        self.node = node
        self.tag = tag
        self._passage: Passage | None = None

    @property
    def span(self) -> Span:
        """Its place in the file, quotes or the block's header included."""
        tree = self.document.tree
        return tree.passage.span(tree.start(self.node), tree.end(self.node))

    @property
    def passage(self) -> Passage:
        """What it stands for."""
        if self._passage is None:
            self._passage = self._decoded()
        return self._passage

    @property
    def text(self) -> str:
        """What it stands for, as text; unknown parts are stand-ins."""
        return self.passage.text

    @property
    def written(self) -> str:
        """Its text, unknown parts as they are written."""
        passage = self.passage
        if not passage.holes:
            return passage.text
        return "".join(passage.holes.get(at, char) for at, char in enumerate(passage.text))

    def _decoded(self) -> Passage:
        tree = self.document.tree
        kind = self.node.type
        start, end = tree.start(self.node), tree.end(self.node)
        if kind == "block_scalar":
            end = _with_blank_lines(tree.passage.text, end)
            return scalars.block_scalar(
                tree.passage.part(start, end), self.document.column_of_holder(self.node)
            )
        part = tree.passage.part(start, end)
        if kind == "double_quote_scalar":
            return scalars.double_quoted(part)
        if kind == "single_quote_scalar":
            return scalars.single_quoted(part)
        return scalars.plain(part)


def _with_blank_lines(text: str, end: int) -> int:
    """Return where the blank lines end that follow; the grammar leaves them out of a block."""
    at = end
    while at < len(text):
        after = text.find("\n", at)
        if after < 0 or text[at:after].strip():
            return end
        at = end = after + 1
    return end


class Sequence:
    """A sequence, in either style."""

    __slots__ = ("document", "node", "tag")

    def __init__(self, document: Document, node: Node, tag: str = "") -> None:
        """Take the place."""
        self.document = document
        self.node = node
        self.tag = tag

    @property
    def span(self) -> Span:
        """Its place in the file."""
        tree = self.document.tree
        return tree.passage.span(tree.start(self.node), tree.end(self.node))

    def __iter__(self) -> Iterator[Value | None]:
        """Give the items; ``None`` for what is empty."""
        for child in self.node.named_children:
            if child.type == "block_sequence_item":
                inner = [each for each in child.named_children if each.type != "comment"]
                yield self.document.value(inner[-1]) if inner else None
            elif child.type == "flow_node":
                yield self.document.value(child)
            elif child.type == "flow_pair":
                yield Mapping(self.document, child)

    def scalars(self) -> list[Scalar]:
        """Return the items that are scalars."""
        return [item for item in self if isinstance(item, Scalar)]


class Entry:
    """A pair of a mapping."""

    __slots__ = ("document", "key", "node")

    def __init__(self, document: Document, key: Scalar, node: Node | None) -> None:
        """Take the key, and the node of the value."""
        self.document = document
        self.key = key
        self.node = node

    @property
    def name(self) -> str:
        """The key's text."""
        return self.key.text

    @property
    def value(self) -> Value | None:
        """The value; ``None`` for null and for what is not there."""
        return None if self.node is None else self.document.value(self.node)

    @property
    def mentions(self) -> bool:
        """Whether the name of a relay occurs in the value, or in what it refers to."""
        return self.node is not None and self.document.mentions(self.node)


class Mapping:
    """A mapping, in either style; keys that are no scalars are left out."""

    __slots__ = ("_entries", "_named", "document", "node", "tag")

    def __init__(self, document: Document, node: Node, tag: str = "") -> None:
        """Take the place."""
        self.document = document
        self.node = node
        self.tag = tag
        self._entries: list[Entry] | None = None
        self._named: dict[str, Entry] | None = None

    @property
    def span(self) -> Span:
        """Its place in the file."""
        tree = self.document.tree
        return tree.passage.span(tree.start(self.node), tree.end(self.node))

    @property
    def entries(self) -> list[Entry]:
        """The pairs in their order; those that ``<<`` merges come last, without the overridden."""
        if self._entries is None:
            self._entries = list(self.merged())
        return self._entries

    def get(self, *names: str) -> Value | None:
        """Return the value of the first of these keys that is there."""
        for name in names:
            entry = self.entry(name)
            if entry is not None:
                return entry.value
        return None

    def entry(self, name: str) -> Entry | None:
        """Return the pair of a key; of several the last, as most programs take it."""
        if self._named is None:
            self._named = {entry.key.text: entry for entry in self.entries}
        return self._named.get(name)

    def scalar(self, *names: str) -> Scalar | None:
        """Return the value of the first of these keys if it is a scalar."""
        value = self.get(*names)
        return value if isinstance(value, Scalar) else None

    def mapping(self, *names: str) -> Mapping | None:
        """Return the value of the first of these keys if it is a mapping."""
        value = self.get(*names)
        return value if isinstance(value, Mapping) else None

    def sequence(self, *names: str) -> Sequence | None:
        """Return the value of the first of these keys if it is a sequence."""
        value = self.get(*names)
        return value if isinstance(value, Sequence) else None

    def says(self, name: str, *texts: str) -> bool:
        """Whether the value of a key is one of these words, whatever the case."""
        value = self.scalar(name)
        return value is not None and value.text.strip().lower() in texts

    def is_true(self, name: str) -> bool:
        """Whether the value of a key is true, as YAML 1.1 and 1.2 write it."""
        return self.says(name, "true", "yes", "on")

    def merged(self, depth: int = 0) -> Iterator[Entry]:
        """Give the pairs, those of merged mappings last.

        Args:
            depth: how many merges lead here.
        """
        own = list(self._own())
        yield from (entry for entry in own if entry.key.text != _MERGE)
        merges = [entry for entry in own if entry.key.text == _MERGE]
        if not merges or depth > _DEEPEST_MERGE:
            return
        seen = {entry.key.text for entry in own}
        for merge in merges:
            value = merge.value
            for source in value if isinstance(value, Sequence) else (value,):
                if not isinstance(source, Mapping):
                    continue
                for entry in source.merged(depth + 1):
                    if entry.key.text not in seen:
                        seen.add(entry.key.text)
                        yield entry

    def _own(self) -> Iterator[Entry]:
        pairs = [self.node] if self.node.type == "flow_pair" else self.node.named_children
        for pair in pairs:
            if pair.type in {"block_mapping_pair", "flow_pair"}:
                key = pair.child_by_field_name("key")
                name = None if key is None else self.document.value(key)
                if isinstance(name, Scalar):
                    yield Entry(self.document, name, pair.child_by_field_name("value"))
            elif pair.type == "flow_node":
                name = self.document.value(pair)
                if isinstance(name, Scalar):
                    yield Entry(self.document, name, None)


Value: TypeAlias = Scalar | Sequence | Mapping
