"""Reads a shell script: finds the places that may start a relay, and looks only at those."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from catflap.address.model import Unknown
from catflap.audit.shell.flow import copies, fed, put
from catflap.audit.shell.left_over import Held, is_whole
from catflap.audit.shell.openrc import as_started, started_as
from catflap.audit.shell.places import settled
from catflap.audit.shell.procd import appended
from catflap.audit.shell.text import ShellText
from catflap.audit.shell.variables import Scope
from catflap.audit.shell.words import as_passage
from catflap.audit.unwrap.layers import HELD, base_name, unwrap
from catflap.bridge.invocation import SOCAT_NAME
from catflap.core.spans import Span
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.audit.passage import Passage
    from catflap.audit.shell.lexer import Simple
    from catflap.audit.shell.words import Piece

__all__ = ("RELAY", "Script", "names_relay", "read_inner")

RELAY = re.compile(
    rf"(?:(?<![A-Za-z0-9_.])|(?<=\\n))(?:{SOCAT_NAME}|catflap)(?![A-Za-z0-9_]|\.(?!exe))"
)
"""The name of a relay as a word, part of a path or of an image's name."""
_ENGINES = re.compile(r"\b(?:docker|podman|nerdctl)\b")
_LISTENER = re.compile(r"(?<=[\s\"'])[A-Za-z0-9]{3,8}-(?:listen|LISTEN):")
"""What a container of an image under any name is given, when it is a relay."""
_HELD = re.compile(r"\$\{?\w{0,30}(?:SOCAT|CATFLAP)")
"""A variable that is named after a relay; those in small letters hold its name."""
_OPTION = re.compile(r"(?<![A-Za-z0-9_])SocatOptions(?![A-Za-z0-9_])")
"""What OpenWrt's service starts, kept by its own name."""
_SHELLS = re.compile(r"(?<![\w.-])(?:ba|da|z|k|a)?sh(?![\w.-])")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=", re.ASCII)
_TELLS = frozenset({"echo", "printf", "print"})
_TOLD = re.compile(r"(?:echo|printf|print|logger|tput)(?![\w.-])")
_MOST_PARAMETERS = 20
_LOOKS_UP = ("command", "which", "type")
_LAYER = 3
# What a command costs beyond its words, in characters passed over.
_COMMAND = 300
# Values of one variable that are tried, where several can reach a command.
_MOST_WAYS = 4
_PARAMETER = re.compile(r"\$\{?[@*1-9]")


def names_relay(passage: Passage) -> bool:
    """Whether a relay occurs in a text, by its name or in a variable named after it."""
    text = passage.text
    if any(each.search(text) for each in (RELAY, _HELD, _OPTION)) or _contains_one(text):
        return True
    return any(HELD.fullmatch(written) for written in passage.holes.values())


def _contains_one(text: str) -> bool:
    """Whether a container's engine and a listener's address occur, as where no name shows it."""
    return _LISTENER.search(text) is not None and _ENGINES.search(text) is not None


def read_inner(
    pieces: Sequence[Piece],
    context: Context,
    positional: Sequence[Argument] | None = None,
    *,
    same_shell: bool = False,
    span: Span | None = None,
) -> Iterator[Command]:
    """Yield the commands of a text that a shell reads.

    Args:
        pieces: the text.
        context: where it runs.
        positional: its arguments, ``$0`` first.
        span: the word that holds the text; nothing when its pieces stand where they are used.
        same_shell: whether the shell around it reads it, with its variables.
    """
    if context.too_deep:
        return
    text = "".join(piece.text for piece in pieces)
    named = (
        RELAY.search(text) is not None
        or _contains_one(text)
        or any(isinstance(piece, Unknown) and HELD.fullmatch(piece.text) for piece in pieces)
    )
    if not pieces or (not named and context.stdin is None):
        return
    context.budget.spend(8 * len(text))
    passage, place = as_passage(pieces), span or _place(pieces)
    inner = context.inside(_LAYER)
    outer = context.scope if same_shell else None
    for command in Script(passage, inner, positional, outer).commands():
        yield settled(command, place)


def _place(pieces: Sequence[Piece]) -> Span:
    """Return where a text stands when nobody says it: from its first piece to its last."""
    return Span(min(piece.span.start for piece in pieces), max(piece.span.end for piece in pieces))


class Script:
    """One shell text that is read.

    Args:
        passage: the text.
        context: where it runs.
        positional: its arguments, ``$0`` first, when they are known.
        outer: the shell that reads it as its own text, and the place there.
        plain: variables are not followed, which costs little whatever the text does with them.
    """

    def __init__(
        self,
        passage: Passage,
        context: Context,
        positional: Sequence[Argument] | None = None,
        outer: tuple[Scope, int] | None = None,
        *,
        plain: bool = False,
    ) -> None:
        """Parse the text."""
        self.text = ShellText(as_started(passage), context.budget)
        around = started_as(passage.text, context.surroundings)
        self._context = replace(context, surroundings=around)
        self._scope = Scope(self.text, positional, outer)
        self._seen: set[int] = set()
        self._lines: dict[int, list[Simple]] = {}
        self._names: set[str] = set()
        self._waiting: list[str] = []
        self._held = Held()
        self._plain = plain
        if plain:
            self._scope.forget()

    def commands(self) -> Iterator[Command]:
        """Yield the relay's commands, in no order."""
        for command in self._run():
            self._held.saw(command)
            yield command
        context = self._context.at_most(Confidence.LOW)
        for value, pieces in self._held.values(self.text, self._scope.expander):
            place = self.text.passage.span(self.text.tree.start(value), self.text.tree.end(value))
            yield from filter(is_whole, read_inner(pieces, context, span=place))

    def _run(self) -> Iterator[Command]:
        """Yield the commands that the text is seen to run."""
        yield from self._passed_on()
        patterns = [RELAY if self._context.stdin is None else _SHELLS, _HELD]
        patterns.append(_OPTION)
        if _contains_one(self.text.text):
            patterns.append(_LISTENER)
        for pattern in patterns:
            for found in pattern.finditer(self.text.text):
                yield from self._at(found.start())
        for at, written in self.text.passage.holes.items():
            # ``$(SOCAT)`` of Make, ``{{ socat_bin }}`` of a template.
            if HELD.fullmatch(written):
                yield from self._at(at)
        if self._plain:
            return
        if self._scope.has_positional:
            self._waiting.append("@")
        while self._waiting:
            names = "|".join(re.escape(name) for name in self._waiting)
            self._waiting.clear()
            self.text.budget.spend(len(self.text.text))
            for found in re.finditer(rf"\$\{{?(?:{names})(?!\w)", self.text.text):
                yield from self._at(found.start())

    def _passed_on(self) -> Iterator[Command]:
        """Read what comes in where the first command hands it on: ``sh -c "cat > FILE" <<EOF``."""
        if self._context.stdin is None:
            return
        first = self.text.lexer.simple(0)
        if copies(self.words_of(first)):
            inner = replace(self._context, stdin=None)
            yield from fed(self, first, self._context.stdin, inner)

    def _at(self, at: int) -> Iterator[Command]:
        """Look at one place: who holds it decides what it is."""
        path = self.text.path(at)
        for index in range(len(path) - 1, -1, -1):
            node = path[index]
            kind = node.type
            if kind == "comment":
                return
            if kind == "command":
                self._looked_up(node, path[:index])
                yield from self._once(self.text.start_of(node), path[:index])
                return
            if kind == "variable_assignment":
                self._name(node)
                return
            if kind == "heredoc_body":
                yield from self._heredoc(path, index)
                return
            if kind in {"herestring_redirect", "file_redirect"} and index:
                statement = path[index - 1]
                if statement.type == "redirected_statement":
                    yield from self._once(self.text.start_of(statement), path[:index])
                    return
            if kind == "ERROR":
                yield from self._line(at)
                return

    def _looked_up(self, command: Node, path: Sequence[Node]) -> None:
        """Remember the variable of ``NAME=$(command -v socat)``."""
        start = self.text.start_of(command)
        if self.text.text.startswith(_LOOKS_UP, start):
            for node in path[-6:]:
                if node.type == "variable_assignment":
                    self._name(node)

    def _name(self, assignment: Node) -> None:
        """Remember a variable that holds a relay's name, to look where it is used."""
        node = assignment.child_by_field_name("name")
        name = "" if node is None else self.text.tree.text(node).partition("[")[0]
        self._held.note(name, assignment)
        if name and name not in self._names:
            self._names.add(name)
            self._waiting.append(name)

    def _line(self, at: int) -> Iterator[Command]:
        """Read the line around a place that the grammar could not make sense of."""
        text = self.text.text
        start = text.rfind("\n", 0, at) + 1
        while start and text.endswith(("\\\n", "\\\r\n"), max(0, start - 3), start):
            start = text.rfind("\n", 0, start - 1) + 1
        if start not in self._lines:
            self._lines[start] = self.text.lexer.line(start)
        line = self._lines[start]
        index = bisect_right(line, at, key=attrgetter("after"))
        if index < len(line) and line[index].start not in self._seen:
            self._seen.add(line[index].start)
            yield from self._simple(line[index], self._context.at_most(Confidence.MEDIUM))

    def _once(self, start: int, path: Sequence[Node]) -> Iterator[Command]:
        if start in self._seen:
            return
        self._seen.add(start)
        lexer = self.text.lexer
        for node in reversed(path):
            if node.type == "command_substitution":
                if self.text.text.startswith("`", self.text.tree.start(node)):
                    lexer = lexer.until(self.text.tree.end(node) - 1)
                break
        yield from self._simple(lexer.simple(start), self._context)

    def _words(self, simple: Simple) -> tuple[Argument, ...]:
        """Return what a command's program gets, assignments before it left out."""
        words = simple.words
        first = 0
        while first < len(words) and _ASSIGNMENT.match(self.text.text, words[first].start):
            first += 1
        return tuple(self._scope.expander.fields(words[first:]))

    def _simple(self, simple: Simple, context: Context) -> Iterator[Command]:
        scope = self._scope
        words = self._words(simple)
        yes = False
        for _ in scope.ways(_MOST_WAYS):
            yes = True
            yield from self._expanded(
                simple, self._words(simple), context.at_most(Confidence.MEDIUM)
            )
        if not yes:
            yield from self._expanded(simple, words, context)

    def _expanded(
        self, simple: Simple, words: tuple[Argument, ...], context: Context
    ) -> Iterator[Command]:
        self.text.budget.spend(_COMMAND)
        if not words:
            return
        span = words[0].span.cover(self.text.passage.span(simple.start, simple.end))
        span = Span(words[0].span.start, span.end)
        context = self._scope.within(context, simple.start)
        for redirect in simple.redirects:
            if redirect.operator == "<<<":
                said = self._scope.expander.scalar(redirect.word)
                yield from fed(self, simple, said, context)
                return
        name = base_name(words[0])
        if name in _TELLS:
            yield from put(self, simple, words, context)
            return
        words = (*words, *appended(self, simple, words))
        function = self._scope.functions.named(words[0].literal or "")
        if function is None:
            yield from unwrap(words, span, context)
            return
        called = list(self._called(function, words, span, context))
        if called or self._only_tells(function):
            yield from called
        else:
            yield from unwrap(words, span, context)

    def _only_tells(self, function: Node) -> bool:
        """Whether a function shows what it is given, and does nothing else with it."""
        start, end = self.text.tree.start(function), self.text.tree.end(function)
        told = False
        for found in islice(_PARAMETER.finditer(self.text.text, start, end), _MOST_PARAMETERS):
            path = self.text.path(found.start())
            command = next((node for node in reversed(path) if node.type == "command"), None)
            if command is None or not _TOLD.match(self.text.text, self.text.start_of(command)):
                return False
            told = True
        return told

    def _called(
        self, function: Node, words: Sequence[Argument], span: Span, context: Context
    ) -> Iterator[Command]:
        """Yield the commands that a function of this text makes of the words it is called with."""
        if context.too_deep:
            return
        outside, self._scope = self._scope, self._scope.bind(function, words)
        seen: set[int] = set()
        try:
            start, end = self.text.tree.start(function), self.text.tree.end(function)
            self.text.budget.spend(end - start)
            for found in _PARAMETER.finditer(self.text.text, start, end):
                path = self.text.path(found.start())
                command = next((node for node in reversed(path) if node.type == "command"), None)
                if command is None or command.id in seen:
                    continue
                seen.add(command.id)
                simple = self.text.lexer.simple(self.text.start_of(command))
                for inner in self._simple(simple, context.inside(_LAYER)):
                    # A relay that the function itself names is read where it stands.
                    place = inner.words[0].pieces[0].span
                    if span.start <= place.start and place.end <= span.end:
                        yield replace(inner, span=span)
        finally:
            self._scope = outside

    def _heredoc(self, path: Sequence[Node], index: int) -> Iterator[Command]:
        """Read a here-document as what its reader takes it for."""
        body, redirect = path[index], path[index - 1]
        tree = self.text.tree
        start = tree.start(body)
        if start in self._seen or redirect.type != "heredoc_redirect":
            return
        self._seen.add(start)
        place = tree.start(redirect)
        simple = self._holding(path[:index], place)
        if simple is None:
            return
        quoted = any(
            child.type == "heredoc_start" and not tree.text(child).replace("_", "a").isalnum()
            for child in redirect.children
        )
        yield from self._said(simple, body, quoted=quoted)
        if not quoted:
            for _ in self._scope.ways(_MOST_WAYS):
                yield from self._said(simple, body, quoted=False)

    def _said(self, simple: Simple, body: Node, *, quoted: bool) -> Iterator[Command]:
        """Read what a here-document hands to a command."""
        start, end = self.text.tree.start(body), self.text.tree.end(body)
        if quoted:
            said: Sequence[Piece] = self.text.passage.pieces(start, end)
        else:
            parts = self.text.lexer.until(end).quoted(start, here=True)
            said = self._scope.expander.unquoted(parts, start)
        yield from fed(self, simple, said, self._scope.within(self._context, simple.start))

    def _holding(self, path: Sequence[Node], place: int) -> Simple | None:
        """Return the simple command with the redirection at a place."""
        starts = [
            self.text.start_of(node)
            for node in path
            if node.type in {"redirected_statement", "pipeline", "command", "list"}
        ]
        for start in reversed(starts):
            for simple in self.text.lexer.line(start):
                for redirect in simple.redirects:
                    if redirect.start <= place < max(redirect.word.end, redirect.start + 1):
                        return simple
        return None

    def words_of(self, simple: Simple) -> tuple[Argument, ...]:
        """Return what a command's program gets, assignments before it left out."""
        return self._words(simple)

    def target_of(self, simple: Simple) -> tuple[Piece, ...] | None:
        """Return the file into which a command's output goes, or ``None``."""
        for redirect in simple.redirects:
            if redirect.operator in {">", ">>", ">|"}:
                return self._scope.expander.scalar(redirect.word)
        return None

    def is_substituted(self, simple: Simple) -> bool:
        """Whether a command's output goes nowhere but into a word: ``$(cat <<EOF ...)``."""
        if self.target_of(simple) is not None:
            return False
        path = self.text.path(simple.start)
        return any(node.type == "command_substitution" for node in path)

    def group_of(self, simple: Simple) -> tuple[tuple[Piece, ...] | None, Simple | None]:
        """Return where the output of ``{ ...; }`` or ``( ... )`` around a command goes.

        Returns:
            the file's name, and the command behind a pipe; ``None`` for each that there is not.
        """
        path = self.text.path(simple.start)
        for index in range(len(path) - 1, 0, -1):
            if path[index].type not in {"compound_statement", "subshell"}:
                continue
            if path[index - 1].type not in {"redirected_statement", "pipeline"}:
                continue
            # What comes after the bracket reads like a command without words.
            outer = self.text.lexer.simple(self.text.tree.end(path[index]))
            target = self.target_of(outer)
            reader = self.following(outer)
            if target is not None or reader is not None:
                return target, reader
        return None, None

    def following(self, simple: Simple) -> Simple | None:
        """Return the command that a pipe hands the output to."""
        return self.next_of(simple) if simple.separator in {"|", "|&"} else None

    def next_of(self, simple: Simple) -> Simple | None:
        """Return the command that stands after another, or ``None`` at the end of the text."""
        at = simple.after
        text = self.text.text
        while at < len(text) and text[at] in " \t\r\n\\":
            at += 1
        return self.text.lexer.simple(at) if at < len(text) else None
