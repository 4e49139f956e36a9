"""Follows variables to the values that can reach a place: to one, or to each of several in turn."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from catflap.address.model import Literal, Unknown
from catflap.audit.command import Argument
from catflap.audit.shell.assignments import Assignments
from catflap.audit.shell.functions import Functions
from catflap.audit.shell.reaching import reaching
from catflap.audit.shell.words import Expander, known
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from catflap.audit.context import Context
    from catflap.audit.shell.assignments import Assignment
    from catflap.audit.shell.text import ShellText
    from catflap.audit.shell.words import Piece

__all__ = ("Scope",)

_DEEPEST = 10
_VALUE = 120
"""What one value costs to follow, in characters looked at (some ten microseconds)."""


_MOST_CALLS = 12
"""Calls of one function whose words are looked at: each may start a relay of its own."""


class Scope:
    """What variables of one shell text hold.

    Args:
        text: the parsed text.
        positional: its arguments, ``$0`` first, when whoever starts it gives them.
        outer: variables of the shell that reads this text as its own (``eval``), and the place
            there.
    """

    __slots__ = (
        "_assignments",
        "_bound",
        "_busy",
        "_calls",
        "_outer",
        "_pick",
        "_positional",
        "_text",
        "_ways",
        "expander",
        "functions",
    )

    def __init__(
        self,
        text: ShellText,
        positional: Sequence[Argument] | None = None,
        outer: tuple[Scope, int] | None = None,
    ) -> None:
        """Take the text; nothing is looked for before it is asked for."""
        self._text = text
        self._positional = positional
        self._outer = outer
        self._assignments = Assignments(text)
        self.functions = Functions(text)
        self._bound: tuple[int, Sequence[Argument]] | None = None
        self._busy: set[tuple[str, int]] = set()
        self._pick: int | None = None
        self._ways = 1
        self._calls = 1
        self.expander = Expander(text.passage, self, text.budget)

    def forget(self) -> None:
        """Follow no variable from now on: each is unknown."""
        self.expander = Expander(self._text.passage, None, self._text.budget)

    @property
    def has_positional(self) -> bool:
        """Whether arguments of the text are known."""
        return bool(self._positional) or bool(self._assignments.named("@"))

    def within(self, context: Context, at: int) -> Context:
        """Return the context of a command at a place of this text."""
        return replace(context, scope=(self, at))

    def is_set(self, name: str, at: int) -> bool:
        """Whether anything in the file gives the variable a value that can reach a place."""
        if name.isdigit():
            function = self.functions.around(at)
            return self.functions.shifts(function) or self._given(at) is not None
        if reaching(self._assignments.named(name), at, self._text, self.functions):
            return True
        return self._outer is not None and self._outer[0].is_set(name, self._outer[1])

    def bind(self, function: Node, words: Sequence[Argument]) -> Scope:
        """Return a scope in which a function is called with these words and no others."""
        bound = Scope(self._text, self._positional, self._outer)
        # Both say what stands in the text, whoever calls whom.
        bound._assignments, bound.functions = self._assignments, self.functions
        bound._bound = (function.id, words)
        return bound

    def ways(self, most: int) -> Iterator[int]:
        """Give the numbers of the ways through the text that lead to different values.

        What is expanded while a number is current takes, of each variable that can hold several
        values, that one; so each value is seen at least once, though not each combination.
        """
        count = max(min(self._ways, most), min(self._calls, _MOST_CALLS))
        self._ways = self._calls = 1
        if count < 2:
            return
        try:
            for self._pick in range(count):
                yield self._pick
        finally:
            self._pick = None
            self._ways = self._calls = 1

    def _shared(self, found: list[tuple[Piece, ...] | None]) -> tuple[Piece, ...] | None:
        """Return what all values have in common, and count them where that is not all."""
        whole = [value for value in found if value is not None]
        same = _same(whole) if whole and len(whole) == len(found) else None
        if len(found) > 1 and whole and (same is None or not known(same)):
            self._ways = max(self._ways, len(found))
        return same

    def scalar(self, name: str, at: int) -> tuple[Piece, ...] | None:
        """Return what a variable holds where it is used; ``None`` when that is not known."""
        if name.isdigit():
            return self._argument(int(name), at)
        values = self._several(name, at)
        if not any(value is not None for value in values):
            return self._outer[0].scalar(name, self._outer[1]) if self._outer else None
        # An array's name alone is its first element.
        found = [None if value is None else _first(value) for value in values]
        return self._shared(found)

    def array(self, name: str, at: int) -> tuple[Argument, ...] | None:
        """Return the words of an array where it is used; ``None`` when they are not known.

        Where several values can reach, the words that all of them begin with are known, and one
        unknown word stands for the rest.
        """
        if name in {"@", "*"}:
            return self._arguments(at)
        values = self._values(name, at)
        if values is None:
            return self._outer[0].array(name, self._outer[1]) if self._outer else None
        if any(_texts(value) != _texts(values[0]) for value in values):
            self._ways = max(self._ways, len(values))
        return _common(values)

    def _values(self, name: str, at: int) -> list[tuple[Argument, ...]] | None:
        """Return each value that can reach; ``None`` when one is not known, or there is none."""
        values = self._several(name, at)
        if not values or any(value is None for value in values):
            return None
        return [value for value in values if value is not None]

    def _several(self, name: str, at: int) -> list[tuple[Argument, ...] | None]:
        """Return each value that can reach, or that of the current way; ``None`` when unknown."""
        key = (name, at)
        if key in self._busy or len(self._busy) > _DEEPEST:
            return []
        self._text.budget.spend(64)
        self._busy.add(key)
        try:
            found = reaching(self._assignments.named(name), at, self._text, self.functions)
            found = sorted(found, key=attrgetter("start"))
            if self._pick is not None and len(found) > 1:
                found = [found[self._pick % len(found)]]
            return [self._value(assignment) for assignment in found]
        finally:
            self._busy.discard(key)

    def _value(self, assignment: Assignment) -> tuple[Argument, ...] | None:
        if assignment.value is None:
            return None
        self._text.budget.spend(_VALUE)
        at = assignment.start
        if assignment.is_array:
            words = tuple(self.expander.fields(assignment.value, at))
        else:
            pieces = self.expander.scalar(assignment.value[0], at) if assignment.value else ()
            words = (Argument(pieces, assignment.span),)
        if not assignment.appends:
            return words
        if not assignment.is_array:
            before = self.scalar(assignment.name, at)
            if before is None:
                return None
            return (Argument(before + words[0].pieces, assignment.span),)
        earlier = self.array(assignment.name, at)
        if earlier is None:
            # ``args+=(...)`` on an array that was never begun.
            return words if not self._assignments.before(assignment) else None
        return earlier + words

    def _argument(self, number: int, at: int) -> tuple[Piece, ...] | None:
        given = self._given(at)
        if given is None or (number == 0 and self._positional is None):
            return None
        values = [
            words[number].pieces if number < len(words) else () for words in self._picked(given)
        ]
        if len({"".join(piece.text for piece in value) for value in values}) > 1:
            self._calls = max(self._calls, len(values))
        return _same(values)

    def _arguments(self, at: int) -> tuple[Argument, ...] | None:
        given = self._given(at)
        if given is None:
            return None
        values = [tuple(words[1:]) for words in self._picked(given)]
        if any(_texts(value) != _texts(values[0]) for value in values):
            self._calls = max(self._calls, len(values))
        return _common(values)

    def _picked(self, given: list[Sequence[Argument]]) -> list[Sequence[Argument]]:
        """Return the words of all calls, or those of the current way."""
        if self._pick is None or len(given) < 2:
            return given
        return [given[self._pick % len(given)]]

    def _called_with(self, function: Node | None) -> list[Sequence[Argument]] | None:
        """Return the words of each call of a function, its name first."""
        if function is None or self.functions.shifts(function):
            return None
        if self._bound and self._bound[0] == function.id:
            return [self._bound[1]]
        calls = self.functions.calls(function)
        found = [tuple(self.expander.fields(call.words, call.start)) for call in calls]
        return [words for words in found if words] or None

    def _given(self, at: int) -> list[Sequence[Argument]] | None:
        """Return the positional parameters of each call that leads here, ``$0`` first."""
        self._text.budget.spend(_VALUE)
        key = ("@", at)
        if key in self._busy or len(self._busy) > _DEEPEST:
            return None
        function = self.functions.around(at)
        self._busy.add(key)
        try:
            if function is not None or self.functions.shifts(None):
                return self._called_with(function)
            sets = reaching(self._assignments.named("@"), at, self._text, self.functions)
            if not sets:
                return None if self._positional is None else [self._positional]
            values = [self._value(assignment) for assignment in sets]
        finally:
            self._busy.discard(key)
        if any(value is None for value in values):
            return None
        # The first stands for ``$0``.
        return [(value[0], *value) if value else () for value in values if value is not None]


def _texts(words: Sequence[Argument]) -> list[str]:
    return [word.text for word in words]


def _first(words: tuple[Argument, ...]) -> tuple[Piece, ...]:
    return words[0].pieces if words else ()


def _same(values: Sequence[tuple[Piece, ...]]) -> tuple[Piece, ...] | None:
    """Return the value that all are equal to.

    A command that is put together word by word keeps the words that all values begin with; what
    differs after them is unknown.
    """
    first = values[0]
    if len(values) == 1:
        return first
    texts = ["".join(piece.text for piece in value) for value in values]
    if all(known(value) for value in values) and len(set(texts)) == 1:
        return first
    same = _prefix(min(texts), max(texts))
    size = same.rfind(" ") + 1
    following = {text[len(same) : len(same) + 1] for text in texts}
    if "" in following and following <= {"", " "}:
        # The shortest value ends where the others go on with another word.
        size = len(same)
    longest = max(range(len(texts)), key=lambda index: len(texts[index]))
    return _beginning(values[longest], size) if same[:size].strip() else None


def _prefix(one: str, other: str) -> str:
    """Return the characters that two texts begin with, and so all that sort between them."""
    size = 0
    while size < min(len(one), len(other)) and one[size] == other[size]:
        size += 1
    return one[:size]


def _beginning(value: Sequence[Piece], size: int) -> tuple[Piece, ...] | None:
    """Return the first characters of a value when they are known, then an unknown word."""
    found: list[Piece] = []
    for piece in value:
        if size <= 0:
            found.append(Literal(" ", Span(piece.span.start, piece.span.start)))
            found.append(Unknown(piece.text, piece.span))
            return tuple(found)
        if isinstance(piece, Unknown):
            return None
        if len(piece.text) > size:
            exact = len(piece.text) == piece.span.end - piece.span.start
            start = piece.span.start
            cut = Span(start, start + size) if exact else piece.span
            rest = Span(start + size, piece.span.end) if exact else piece.span
            found.append(Literal(piece.text[:size], cut))
            found.append(Literal(" ", Span(cut.end, cut.end)))
            found.append(Unknown(piece.text[size:].strip(), rest))
            return tuple(found)
        found.append(piece)
        size -= len(piece.text)
    return tuple(found)


def _common(values: Sequence[tuple[Argument, ...]]) -> tuple[Argument, ...] | None:
    """Return the words that all values begin with, and an unknown one for what differs."""
    first = values[0]
    size = 0
    while all(
        size < len(value) and size < len(first) and value[size].text == first[size].text
        for value in values
    ):
        size += 1
    if all(len(value) == size for value in values):
        return first
    if not size:
        return None
    rest = max(values, key=len)[size]
    return (*first[:size], Argument((Unknown(rest.text, rest.span),), rest.span))
