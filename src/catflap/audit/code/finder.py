"""Finds the commands that a program starts, from where the word occurs outwards."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.argv import commands_in
from catflap.audit.code.examined import tests_from
from catflap.audit.code.judgement import (
    holds_expected,
    is_program,
    only_says,
    plausible,
    runs,
    runs_field,
    says_field,
)
from catflap.audit.code.relocate import relocated
from catflap.audit.code.values import Form, Items, Text, Value, flatten, join
from catflap.audit.code.vicinity import (
    arguments_after,
    arguments_beside,
    grown,
    program_before,
)
from catflap.audit.command import Argument, Command, Reading
from catflap.audit.grammar import first_error
from catflap.audit.images import is_relay_image, version_of_image
from catflap.audit.unwrap.layers import HELD
from catflap.core.spans import Problem, Span
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tree_sitter import Node

    from catflap.audit.code.code import Call, Code, Start
    from catflap.audit.sources.registry import Reader
    from catflap.core.surroundings import Surroundings

__all__ = ("find",)

_WORD = re.compile(r"(?i)socat|catflap")
_WORDS = re.compile(r"\S\s+\S")
_LINE = re.compile(r"(?:\S*/)?socat\s+\S+\s+\S")
_IMAGE = re.compile(r"[^/.~{][^/]*[/:]")
# ``Setting up socat TCP-LISTEN:80 TCP:web:80``; a program's name begins so seldom (``Xvfb``).
_PROSE = re.compile(r"\s*(?!X)[A-Z][a-z]+[ ,:]")
_MOST_PLACES = 1000
_MOST_NAMES = 40
_FARTHEST = 60


def find(code: Code, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a file."""
    finder = _Finder(code, surroundings, path)
    finder.look()
    commands = sorted(finder.commands, key=lambda each: (each.span, each.confidence))
    return Reading(tuple(commands), tuple(finder.problems))


class _Finder:
    def __init__(self, code: Code, surroundings: Surroundings, path: str) -> None:
        self.code = code
        self.surroundings = surroundings
        self.path = path
        self.commands: list[Command] = []
        self.problems: list[Problem] = []
        self._seen: set[tuple[Span, ...]] = set()
        self._calls: set[int] = set()
        self._names: list[str] = []
        self._done: set[int] = set()
        self._deep = False
        self._tests: tuple[int | None] | None = None
        self._made: dict[int, tuple[Value, frozenset[int]]] = {}
        places = [match.start() for match in _WORD.finditer(code.passage.text)]
        if len(places) > _MOST_PLACES:
            self._problem("the word occurs too often; the rest was not read", places[_MOST_PLACES])
            places = places[:_MOST_PLACES]
        self._places = places
        self._at = [code.passage.start(place) for place in places]

    def look(self) -> None:
        """Visit each place, then the names that came to hold what stands there."""
        leaves = []
        uses: list[Node] = []
        for place in self._places:
            leaf = self.code.tree.node(place, place + 1)
            if leaf is not None and leaf.type not in self.code.comments:
                leaves.append((place, leaf))
                self._outwards(leaf)
        position = 0
        while position < min(len(self._names), _MOST_NAMES):
            here = self.code.names.occurrences(self._names[position])
            uses.extend(use for use in here if not self._outwards(use))
            position += 1
        for place, leaf in leaves:
            if self.code.passage.start(place) not in self._done:
                self._left_over(self.code.passage.start(place), leaf)
        for use in uses[:_MOST_PLACES]:
            # ``f"{SOCAT} TCP-LISTEN:80 ..."`` in a table of commands.
            self._left_over(None, use)
        if leaves and self.code.tree.root.has_error:
            broken = first_error(self.code.tree.root)
            self._problem("this is not understood; the rest was read", self.code.tree.start(broken))

    def _problem(self, message: str, place: int) -> None:
        span = self.code.passage.span(place, min(place + 1, len(self.code.passage)))
        self.problems.append(Problem(message, span, self.code.passage.text))

    # --- Calls that start programs --------------------------------------------------------------

    def _outwards(self, leaf: Node) -> bool:
        """Read the calls around a place that start what they are given; say if there are any."""
        started = False
        for node in self._around(leaf):
            target = self.code.target(node)
            if target is not None:
                self._follow(self.code.text(target))
                for name in self.code.also_named(target):
                    self._follow(name)
            call = self.code.call(node)
            if call is None or node.id in self._calls:
                started = started or call is not None
                continue
            self._calls.add(node.id)
            start = self.code.starts(call)
            if start is not None and start.words:
                started = True
                turns = False
                for _ in self.code.ways(start.words):
                    turns = True
                    sure = min(start.confidence, Confidence.MEDIUM)
                    self._start(replace(start, confidence=sure), call)
                if not turns:
                    self._start(start, call)
        return started

    def _follow(self, name: str) -> None:
        if name not in self._names and len(name) < 80:
            self._names.append(name)

    def _around(self, leaf: Node) -> Iterable[Node]:
        """Return what holds a place, outwards, up to its statement."""
        ends = self.code.shape.scopes | self.code.shape.blocks
        line = self.code.names.line(leaf)
        if not line:
            self._too_deep(leaf)
        for node in line[:_FARTHEST]:
            if node.type in ends:
                return
            yield node
            elsewhere = self.code.announced(node)
            if elsewhere is not None:
                yield from self._around(elsewhere)
                return

    def _too_deep(self, leaf: Node) -> None:
        if not self._deep:
            self._deep = True
            place = self.code.tree.start(leaf)
            self._problem("this is nested too deeply; the rest was read", place)

    def _start(self, start: Start, call: Call) -> None:
        code = self.code
        around = self._within(start)
        if start.text is not None:
            self._line(start.text, around, start.confidence)
            return
        first, *others = start.words
        rest: list[Value] = [code.value(each) for each in others]
        if start.program_is_name:
            words = flatten([Text(code.tree.part(first), code.span(first)), *rest])
            span = code.span(call.node)
            self._vector(words, span, around, start.confidence, only_plausible=True)
            return
        for value in code.alternatives(first):
            if start.reader is not None:
                for text in flatten([value]):
                    self._line(text, around, start.confidence, reader=start.reader)
                continue
            if isinstance(value, Text) and start.line and not rest:
                self._line(value, around, start.confidence)
                continue
            if rest and isinstance(value, Text) and first.type in code.names_of:
                words = flatten([value.used_at(code.span(first)), *rest])
            else:
                words = flatten([value, *rest])
            if start.named_twice and len(words) > 1:
                self._consume(words.pop(1))
            if start.container and isinstance(value, Text):
                self._image(words, call.span, around)
                continue
            span = call.span if isinstance(value, Text) or not _holds(value) else value.span
            self._vector(words, span, around, start.confidence)

    def _within(self, start: Start) -> Surroundings:
        around = self.surroundings
        return replace(
            around,
            user=start.user or around.user,
            elsewhere=around.elsewhere or start.elsewhere,
            bounded=around.bounded or start.bounded,
            container=around.container or start.container,
        )

    def _image(self, words: Sequence[Text], container: Span, around: Surroundings) -> None:
        """Keep what a container of an image gets as its arguments, or as its command."""
        image, *rest = words
        name = image.passage.text
        if len(rest) == 1 and _WORDS.search(rest[0].passage.text):
            rest = flatten([image, replace(rest[0], form=Form.SPLIT)])[1:]
        if not is_relay_image(name):
            self._vector(rest, container, around, Confidence.HIGH)
            return
        self._consume(image)
        if any(is_program(word.passage.text) for word in rest[1:]):
            # ``Cmd: {"timeout", "60", "socat", ...}`` takes the entry point's place.
            around = replace(around, container=True)
            self._vector(rest, container, around, Confidence.HIGH, only_plausible=True)
            return
        for word in rest:
            self._consume(word)
        if rest and is_program(rest[0].passage.text):
            rest = rest[1:]
        at = name.lower().rfind("socat")
        part = image.passage.part(at, at + 5) if at >= 0 else image.passage
        program = Argument(part.pieces(), image.span)
        arguments = [program, *(word.argument() for word in rest)]
        around = replace(around, container=True, version=around.version or version_of_image(name))
        command = Command(tuple(arguments), _cover(arguments, container), around)
        self._keep([command], only_plausible=True)

    # --- Commands -------------------------------------------------------------------------------

    def _vector(
        self,
        words: Sequence[Text],
        container: Span,
        around: Surroundings,
        confidence: Confidence,
        *,
        only_plausible: bool = False,
    ) -> None:
        if not words:
            return
        if words[0].form is Form.SPLIT:
            whole = words[0] if len(words) == 1 else join(words, words[0].span, " ")
            self._line(whole, around, confidence, only_plausible=only_plausible)
            return
        if _LINE.match(words[0].passage.text):
            # spawn("socat A B", "a.log"): a line, and what else that function takes.
            sure = min(confidence, Confidence.MEDIUM)
            self._line(words[0], around, sure, only_plausible=True)
            return
        for word in words:
            self._consume(word)
        if any(word.form is Form.MANY for word in words):
            around = replace(around, hidden_input=True)
        arguments = [word.argument() for word in words]
        span = _cover(arguments, container)
        found = commands_in(arguments, span, around, confidence)
        hops = tuple(hop for word in words for hop in word.hops)
        ours = set(arguments)
        self._keep(
            (
                each if ours.issuperset(each.words) else relocated(each, hops, container)
                for each in found
            ),
            only_plausible=only_plausible,
        )

    def _line(
        self,
        text: Text,
        around: Surroundings,
        confidence: Confidence,
        *,
        only_plausible: bool = False,
        reader: Reader | None = None,
    ) -> None:
        self._consume(text)
        holes = text.passage.holes.values()
        if not any(_WORD.search(part) for part in (text.passage.text, *holes)):
            return
        reading = (reader or _reader(text))(text.passage, around, self.path)
        found = (relocated(each, text.hops, text.span) for each in reading.commands)
        if confidence is not Confidence.HIGH:
            found = (replace(each, confidence=min(each.confidence, confidence)) for each in found)
        self._keep(found, only_plausible=only_plausible)

    def _keep(self, commands: Iterable[Command], *, only_plausible: bool) -> None:
        for command in commands:
            if only_plausible and not plausible(command):
                continue
            places = tuple(piece.span for word in command.words for piece in word.pieces)
            if places in self._seen:
                continue
            self._seen.add(places)
            self.commands.append(command)

    def _consume(self, text: Text) -> None:
        """Note which occurrences of the word a value is made of."""
        self._done.update(self._made_of(text))

    def _made_of(self, value: Value) -> frozenset[int]:
        """Return where the word occurs in the literal parts of a value."""
        known = self._made.get(id(value))
        if known is not None:
            return known[1]
        found: set[int] = set()
        for text in flatten([value]):
            for piece in text.passage.pieces():
                if isinstance(piece, Literal) or HELD.fullmatch(piece.text):
                    at = bisect_left(self._at, piece.span.start)
                    while at < len(self._at) and self._at[at] < piece.span.end:
                        found.add(self._at[at])
                        at += 1
        # The value is kept too, so that no other gets its identity.
        self._made[id(value)] = (value, frozenset(found))
        return frozenset(found)

    # --- What no known call starts --------------------------------------------------------------

    def _left_over(self, at: int | None, leaf: Node) -> None:
        """Read the largest value around a leaf that is made of the word at a place, or anywhere."""
        best: tuple[Node, Value] | None = None
        calls: list[Call] = []
        ran = False
        inner = leaf
        for node in self._around(leaf):
            if node is not leaf and not ran and self._says(node, inner, leaf):
                return
            value = self.code.value(node)
            made_of = self._made_of(value)
            if at in made_of or (at is None and made_of):
                best = (node, value)
            call = self.code.call(node)
            if call is not None:
                calls.append(call)
                ran = ran or runs(call.method[-_FARTHEST:])
            ran = ran or self._is_command_field(node, leaf)
            inner = node
        if best is None or (self._is_case(leaf) and not self._is_used(best[1], calls)):
            return
        turns = False
        for _ in self.code.ways([best[0]]):
            turns = True
            self._unseen(best[0], self.code.value(best[0]), calls)
        if not turns:
            self._unseen(best[0], best[1], calls)

    def _is_case(self, leaf: Node) -> bool:
        """Whether a place is among the tests of a program."""
        if self._tests is None:
            # Looked for once something is left over: the whole text is searched.
            self._tests = (tests_from(self.path, self.code.passage.text),)
        (begin,) = self._tests
        return begin is not None and self.code.tree.start(leaf) >= begin

    def _is_used(self, value: Value, calls: list[Call]) -> bool:
        """Whether what stands in a test is more than a case of it: run, or a container's image."""
        if any(runs(call.method[-_FARTHEST:]) for call in calls):
            return True
        return any(_is_image(text.passage.text) for text in flatten([value]))

    def _is_command_field(self, node: Node, leaf: Node) -> bool:
        """Whether a field says that its value is a command, whatever the fields around it show."""
        return any(
            runs_field(name) and value.start_byte <= leaf.start_byte < value.end_byte
            for name, value in self.code.fields(node).items()
        )

    def _says(self, node: Node, inner: Node, leaf: Node) -> bool:
        if self.code.silent(inner, node):
            return True
        target = self.code.target(node)
        if target is not None and holds_expected(self.code.text(target).rpartition(".")[2]):
            return True
        call = self.code.call(node)
        if call is not None and only_says(call.name) and inner.start_byte != node.start_byte:
            return True
        named = call.keywords if call is not None else self.code.fields(node)
        own = inner if call is None else leaf
        for name, value in named.items():
            if says_field(name) and value.start_byte <= own.start_byte < value.end_byte:
                return True
            if inner.start_byte <= value.start_byte < inner.end_byte and says_field(name):
                one = inner.child_count < 4 and inner.type not in self.code.shape.blocks
                if one and not self.code.fields(inner):
                    return True
        return False

    def _unseen(self, node: Node, value: Value, calls: list[Call]) -> None:
        confidence = Confidence.MEDIUM
        if calls and runs(calls[0].name):
            confidence = Confidence.HIGH
        around = self.surroundings
        if isinstance(value, Items):
            self._unseen_list(node, value, calls, confidence)
            return
        name = value.passage.text
        image = _is_image(name)
        if image or is_program(name):
            rest = arguments_after(self.code, node, calls) or arguments_beside(self.code, node)
            words = flatten([value, *rest])
            container = value.span.cover(words[-1].span)
            if rest and image:
                if isinstance(rest[0], Items):
                    # dockerode: the list is the command, the stream after it is not.
                    words = flatten([value, rest[0]])
                self._image(words, container, around)
            elif rest:
                if len(words) > 1 and is_program(words[1].passage.text):
                    # ``Cmd{Path: P, Args: {P, A, B}}`` names the program twice.
                    self._consume(words.pop(1))
                self._vector(words, container, around, confidence, only_plausible=True)
            return
        if not _PROSE.match(name):
            self._line(value, around, confidence, only_plausible=True)

    def _unseen_list(
        self, node: Node, value: Items, calls: list[Call], confidence: Confidence
    ) -> None:
        around = self.surroundings
        words = flatten(value.elements)
        if words and not self._beside(node, value):
            longest = grown(self.code, node) if not self.code.fields(node) else None
            words = flatten([longest]) if longest is not None else words
            words = [*program_before(self.code, node, calls), *words]
            known = len(self.commands)
            self._vector(words, value.span, around, confidence, only_plausible=True)
            if len(self.commands) == known:
                self._each_line(words, confidence)

    def _each_line(self, words: Sequence[Text], confidence: Confidence) -> None:
        """Keep the commands of strings that are no vector together.

        ``["socat", "socat TCP:{host}:80 -"]`` is a name and a command, and
        ``Args: {"sleep 2 && socat A B"}`` what a shell is given that is named elsewhere.
        """
        for word in words:
            if word is not words[0] or _WORDS.search(word.passage.text):
                self._line(word, self.surroundings, confidence, only_plausible=True)

    def _beside(self, node: Node, value: Items) -> bool:
        """Read ``Command`` and ``Args`` of a container together."""
        rest = arguments_beside(self.code, node)
        if not rest:
            return False
        words = flatten([value, *rest])
        self._vector(words, value.span, self.surroundings, Confidence.HIGH, only_plausible=True)
        return True


def _cover(arguments: Sequence[Argument], container: Span) -> Span:
    """Return where a command stands, without the words that were added elsewhere."""
    span = arguments[0].span
    for argument in arguments[1:]:
        if container.start <= argument.span.start and argument.span.end <= container.end:
            span = span.cover(argument.span)
    return span


def _reader(text: Text) -> Reader:
    """Return what reads a string by what it looks like: a unit, a manifest, else a shell."""
    from catflap.audit.sources import shell

    content = text.passage.text
    if "\n" not in content:
        return shell.read
    from catflap.audit.text.documents import guessed

    source = guessed(content)
    return shell.read if source is None else source.read


def _is_image(name: str) -> bool:
    return is_relay_image(name) and _IMAGE.match(name) is not None


def _holds(value: Items) -> bool:
    return bool(value.elements)
