"""One file of a program: its expressions, as far as they can be known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from catflap.audit.code.literals import escaped
from catflap.audit.code.names import Binding, Change, Names, Shape
from catflap.audit.code.values import Form, Items, Text, Value, flatten, hole, join
from catflap.audit.grammar import parse
from catflap.audit.passage import Passage
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from catflap.audit.sources.registry import Reader
    from catflap.core.spans import Span

__all__ = ("Call", "Code", "Start")

_DEEPEST = 40
_FUEL = 400_000
_LONGEST = 20_000
_MOST_WAYS = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it is written.

    Args:
        name: what is called, dotted: ``subprocess.run``.
        arguments: by position.
        keywords: by name, of languages that have them; else the fields of a last object.
        span: where the arguments stand.
    """

    node: Node
    name: str
    arguments: tuple[Node, ...]
    span: Span
    keywords: Mapping[str, Node] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Start:
    """What a call is given to start.

    Args:
        words: the expressions that make up the argument vector, or the one shell line.
        line: whether a single string is a line for a shell; a list never is.
        named_twice: whether the second word is the program's own name for itself (``execv``).
        program_is_name: whether the first expression is a function that has the program's name.
        user: whom it runs as, when the call says so.
        elsewhere: whether it runs on another machine.
        bounded: whether something ends it after a while.
        container: whether it runs in a container, of the image that is the first word.
        text: the shell line itself, where its expression comes to something else: its output.
        reader: reads the strings, where neither a shell nor execve(2) takes them.
    """

    words: tuple[Node, ...]
    line: bool = False
    named_twice: bool = False
    program_is_name: bool = False
    user: str = ""
    elsewhere: bool = False
    bounded: bool = False
    container: bool = False
    confidence: Confidence = Confidence.HIGH
    reader: Reader | None = None
    text: Text | None = None


class Code(ABC):
    """What all languages have in common; each gives its node types and how they are evaluated.

    However a file is made, the work is bounded: by the depth of expressions and by the number of
    nodes and characters that are looked at; what is beyond is unknown.
    """

    grammar: ClassVar[str]
    shape: ClassVar[Shape]
    comments: ClassVar[frozenset[str]] = frozenset({"comment"})
    names_of: ClassVar[frozenset[str]]
    """The node types of names that are followed, dotted ones included."""

    def __init__(self, passage: Passage) -> None:
        """Parse the file."""
        self.tree = parse(self.grammar, passage)
        self.passage = passage
        self.names = Names(self.tree, self.shape, self.tree.node, self.binding)
        self._fuel = _FUEL
        self._values: dict[int, Value] = {}
        self._ways_of: dict[int, int] = {}
        self._ways = 1
        self._pick: int | None = None

    @abstractmethod
    def evaluate(self, node: Node, depth: int) -> Value | None:
        """Return what an expression comes to; ``None`` when that is unknown."""

    @abstractmethod
    def binding(self, node: Node, parent: Node) -> Binding | None:
        """Return what one occurrence of a name does to it; ``None`` for a mere use."""

    @abstractmethod
    def call(self, node: Node) -> Call | None:
        """Return the node as a call, if it is one."""

    # --- Places -------------------------------------------------------------------------------

    def text(self, node: Node) -> str:
        """Return a node as it is written."""
        return self.tree.text(node)

    def span(self, node: Node) -> Span:
        """Return where a node stands in the file."""
        return self.passage.span(self.tree.start(node), self.tree.end(node))

    # --- Values -------------------------------------------------------------------------------

    def value(self, node: Node, depth: int = 0) -> Value:
        """Return what an expression comes to; what is unknown is a hole."""
        if node.id in self._values:
            self._ways = max(self._ways, self._ways_of.get(node.id, 1))
            return self._values[node.id]
        self._fuel -= 1
        found = None
        outside, self._ways = self._ways, 1
        if depth <= _DEEPEST and self._fuel > 0:
            found = self.evaluate(node, depth + 1)
        if found is None:
            found = self.unknown(node)
        self._values[node.id] = found
        if self._ways > 1:
            self._ways_of[node.id] = self._ways
        self._ways = max(outside, self._ways)
        return found

    # --- Several values -----------------------------------------------------------------------

    def ways(self, nodes: Iterable[Node]) -> Iterator[None]:
        """Give a turn for each way through the file on which these expressions differ.

        While a turn lasts, each expression that can come to several values comes to one of them;
        so each value is seen once, though not each combination. No turn when all is one value.
        """
        outside, self._ways = self._ways, 1
        for node in nodes:
            self.alternatives(node)
        count, self._ways = min(self._ways, _MOST_WAYS), outside
        if count < 2 or self._pick is not None:
            return
        kept = self._values
        try:
            for self._pick in range(count):
                self._values = {}
                yield
        finally:
            self._pick, self._values = None, kept

    def one_of(self, nodes: Sequence[Node], depth: int) -> Value | None:
        """Return what one of several expressions comes to: in each turn of `ways` another."""
        if not nodes:
            return None
        if self._pick is None:
            self._ways = max(self._ways, len(nodes))
            return None
        return self.value(nodes[self._pick % len(nodes)], depth)

    def string(self, node: Node, depth: int) -> Text:
        """Return an expression as one string; a list as a hole."""
        value = self.value(node, depth)
        return value if isinstance(value, Text) else self.unknown(node)

    def unknown(self, node: Node, form: Form = Form.ONE) -> Text:
        """Return a hole where an expression stands."""
        return hole(self.tree.part(node), self.span(node), form)

    def joined(self, texts: Sequence[Text], span: Span, separator: str = "") -> Text:
        """Return the texts as one; too long a one is unknown."""
        size = sum(len(each.passage) for each in texts)
        self._fuel -= size
        if size > _LONGEST and len(texts) > 1:
            return hole(Passage("..."), span)
        return join(texts, span, separator)

    def sum_of(self, operands: Iterable[Node], span: Span, depth: int) -> Value:
        """Return strings or lists that are added up with ``+``."""
        nodes = list(operands)
        values = [self.value(each, depth) for each in nodes]
        if not any(isinstance(each, Items) for each in values):
            return self.joined(flatten(values), span)
        parts = [
            each if isinstance(each, Items) else self._several(each, node)
            for each, node in zip(values, nodes, strict=True)
        ]
        return Items(tuple(parts), span)

    def _several(self, value: Text, node: Node) -> Value:
        return self.unknown(node, Form.MANY) if value.form is Form.ONE else value

    def spread(self, node: Node, inner: Node, depth: int) -> Value:
        """Return ``*names`` or ``...names``: its elements, or an unknown number of words."""
        value = self.value(inner, depth)
        if isinstance(value, Items) or value.form is Form.SPLIT:
            return value
        return self.unknown(node, Form.MANY)

    def literal(
        self,
        node: Node,
        marks: Mapping[str, Callable[[str], str]],
        holes: frozenset[str],
        depth: int,
        inner: tuple[int, int] | None = None,
    ) -> Text:
        """Return a string literal.

        Args:
            node: the literal, its quotes included.
            depth: how deep within an expression it stands.
            marks: by node type, what an escape sequence stands for.
            holes: node types of interpolations.
            inner: the characters between the quotes, where the first and last child are not them.
        """
        children = node.children
        if inner is None:
            if len(children) < 2:
                return self.unknown(node)
            inner = self.tree.end(children[0]), self.tree.start(children[-1])
        at, stop = inner
        parts: list[Text] = []
        for special in _specials(children, marks, holes):
            start, end = self.tree.start(special), self.tree.end(special)
            if start < at or end > stop:
                continue
            parts.append(self._raw(at, start))
            if special.type in holes:
                parts.append(self.interpolated(special, depth))
            else:
                meaning = marks[special.type](self.passage.text[start:end])
                part = escaped(self.passage, start, end, meaning)
                parts.append(Text(part, self.span(special)))
            at = end
        parts.append(self._raw(at, max(at, stop)))
        return self.joined(parts, self.span(node))

    def _raw(self, start: int, end: int) -> Text:
        return Text(self.passage.part(start, end), self.passage.span(start, end))

    def interpolated(self, node: Node, depth: int) -> Text:
        """Return what an interpolation gives: a known value, or a hole."""
        inner = node.named_children
        if len(inner) != 1:
            return self.unknown(node)
        value = self.value(inner[0], depth)
        if isinstance(value, Items) or value.form is not Form.ONE or value.literal is None:
            return self.unknown(node)
        return value.used_at(self.span(node))

    # --- What starts programs -----------------------------------------------------------------

    @abstractmethod
    def starts(self, call: Call) -> Start | None:
        """Return what a call starts; ``None`` when it is not known to start anything."""

    @abstractmethod
    def target(self, node: Node) -> Node | None:
        """Return the name that an assignment, or an addition to a list, changes."""

    def fields(self, node: Node) -> Mapping[str, Node]:  # noqa: ARG002 - for languages that have none
        """Return the fields of an object, dictionary or structure, by name."""
        return {}

    def also_named(self, target: Node) -> tuple[str, ...]:  # noqa: ARG002
        """Return other names of what an assignment's target names: ``self.NAME`` of a class."""
        return ()

    def announced(self, node: Node) -> Node | None:  # noqa: ARG002
        """Return where a text that stands elsewhere is used: what announces a heredoc."""
        return None

    def silent(self, node: Node, parent: Node) -> bool:  # noqa: ARG002
        """Whether the parent makes of its child something that is not run: an assertion."""
        return False

    # --- Names --------------------------------------------------------------------------------

    def follow(self, node: Node, depth: int) -> Value | None:
        """Return what a name stands for when there is only one answer."""
        chains = self.names.choices(node)
        if len(chains) > 1 and self._pick is None:
            self._ways = max(self._ways, len(chains))
        if not chains or (len(chains) > 1 and self._pick is None):
            return None
        value = self._assigned(chains[(self._pick or 0) % len(chains)], depth)
        return value.used_at(self.span(node)) if isinstance(value, Text) else value

    def alternatives(self, node: Node, depth: int = 0) -> list[Value]:
        """Return all that an expression may come to, where branches differ."""
        if node.type in self.names_of:
            found = [self._assigned(chain, depth) for chain in self.names.choices(node)]
            known = [each for each in found if each is not None]
            if known:
                return known
        return [self.value(node, depth)]

    def _assigned(self, chain: list[Binding], depth: int) -> Value | None:
        if chain[0].change is not Change.SET or not chain[0].values or depth > _DEEPEST:
            return None
        value = self.value(chain[0].values[0], depth + 1)
        if isinstance(value, Text):
            return self._text_of(value, chain, depth)
        elements: list[Value] = [value]
        for each in chain[1:]:
            for node in each.values:
                more = self.value(node, depth + 1)
                if each.change is Change.ADD and isinstance(more, Text):
                    more = self._several(more, node)
                elements.append(more)
        return Items(tuple(elements), value.span) if len(elements) > 1 else value

    def _text_of(self, first: Text, chain: list[Binding], depth: int) -> Text | None:
        if len(chain) == 1:
            return first
        if first.passage.text.isdigit() or first.form is not Form.ONE:
            return None
        texts = [first]
        for each in chain[1:]:
            texts.extend(self.string(node, depth + 1) for node in each.values)
        return self.joined([first, *(each.used_at(each.span) for each in texts[1:])], first.span)


def _specials(
    children: Iterable[Node], marks: Mapping[str, Callable[[str], str]], holes: frozenset[str]
) -> Iterable[Node]:
    for child in children:
        if child.type in marks or child.type in holes:
            yield child
        elif child.child_count:
            for grandchild in child.children:
                if grandchild.type in marks or grandchild.type in holes:
                    yield grandchild
