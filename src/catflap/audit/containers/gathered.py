"""What one file yields, gathered from the layers in it: words, scripts, files within the file."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from catflap.audit.argv import commands_in
from catflap.audit.command import Command, Reading
from catflap.audit.containers.environment import assigned, assigned_words
from catflap.audit.containers.vectors import cover, is_program
from catflap.audit.sources.registry import SOURCES, find_source
from catflap.audit.text.lines import mentions
from catflap.audit.text.references import References
from catflap.audit.yaml.reading import read_stream
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument
    from catflap.audit.containers.environment import Variables
    from catflap.audit.passage import Passage
    from catflap.audit.yaml.values import Value
    from catflap.core.spans import Problem, Span
    from catflap.core.surroundings import Surroundings

__all__ = ("Gathered", "kind_of_content")

_LONGEST_NAME = 200
_UNIT = re.compile(r"(?m)^\[(Service|Socket|Container)\][ \t\r]*$")
_MANIFEST = re.compile(r"(?m)^[ ]{0,8}apiVersion[ ]*:[ ]*\S")
_SERVICES = re.compile(r"(?m)^services[ ]*:[ \t]*(?:#.*)?\r?$")
_IMAGE = re.compile(r"(?m)^[ ]+(?:image|build)[ ]*:")
_CONTAINERS = re.compile(
    # ``sidecars: |``: a list of containers that a chart keeps as text.
    r"\s*(?:#[^\n]*\n\s*)*-[ ]+(?:name|image)[ ]*:[^\n]*\n"
    r"(?=(?:[ ]+[^\n]*\n)*?[ ]+(?:args|command)[ ]*:)"
)
_KIND = re.compile(r"(?m)^[ ]{0,8}kind[ ]*:[ ]*[A-Z]")
_INNER = frozenset(
    (  # noqa: SIM905 -- a table of words, not a page of quotes
        "shell systemd python crontab ruby ini javascript makefile dockerfile"
    ).split()
)
_INTERPRETERS = (
    (re.compile(r"\A#!.*\bpython"), "python"),
    (re.compile(r"\A#!.*\bruby"), "ruby"),
    (re.compile(r"\A#!.*\b(node|deno|bun)\b"), "javascript"),
    (re.compile(r"\A#!.*\bsh\b|\A#!.*\b(ba|z|k|a|da|mk)sh\b"), "shell"),
)


def kind_of_content(text: str, name: str = "") -> str:
    """Return the kind of a file that stands in another one, or nothing.

    Args:
        text: what is in it.
        name: its name or path, when the outer file gives one.
    """
    for pattern, kind in _INTERPRETERS:
        if pattern.search(text[:200]):
            return kind
    if _UNIT.search(text):
        return "systemd"
    if _MANIFEST.search(text) and _KIND.search(text):
        return "kubernetes"
    if _SERVICES.search(text) and _IMAGE.search(text):
        return "compose"
    if _CONTAINERS.match(text):
        return "yaml"
    return _kind_of_name(name.strip().lower()[-_LONGEST_NAME:]) if name else ""


@lru_cache(256)
def _kind_of_name(name: str) -> str:
    lowered = "/" + name.lstrip("/")
    base = lowered.rpartition("/")[2]
    for source in SOURCES:
        if (
            source.name in _INNER
            and not source.content
            and (
                any(fnmatch.fnmatchcase(lowered, path) for path in source.paths)
                or any(fnmatch.fnmatchcase(base, each) for each in source.names)
            )
        ):
            return source.name
    return ""


class Gathered:
    """Commands and problems of one file.

    Args:
        path: the file's.

    Attributes:
        references: to values that the file gives, for whoever fills them in.
    """

    __slots__ = ("_broken", "_commands", "_path", "_problems", "references")

    def __init__(self, path: str) -> None:
        """Begin with nothing."""
        self._path = path
        self.references = References()
        self._broken: list[tuple[Passage, Surroundings]] = []
        self._commands: list[Command] = []
        self._problems: list[Problem] = []

    @property
    def is_empty(self) -> bool:
        """Whether no command was found so far."""
        return not self._commands

    def stream(self, passage: Passage, surroundings: Surroundings) -> list[Value]:
        """Return the documents of a stream of YAML, and keep what could not be read of it."""
        values, problems = read_stream(passage)
        if problems:
            self._problems.extend(problems)
            self._broken.append((passage, surroundings))
        return values

    def words(
        self,
        words: Sequence[Argument],
        surroundings: Surroundings,
        variables: Variables | None = None,
        *,
        span: Span | None = None,
        confidence: Confidence = Confidence.HIGH,
    ) -> None:
        """Take an argument vector."""
        if words and any(mentions(word.text) for word in words):
            followed = assigned_words(words, variables or {})
            place = cover(words) if span is None else span
            self._commands.extend(commands_in(followed, place, surroundings, confidence))

    def process(
        self,
        entrypoint: Sequence[Argument],
        command: Sequence[Argument],
        surroundings: Surroundings,
        variables: Variables | None = None,
        *,
        confidence: Confidence = Confidence.HIGH,
    ) -> None:
        """Take what a container runs: an entry point with the command as its arguments.

        An entry point that nobody knows most often prepares something and then executes its
        arguments, so a command that is a relay by itself counts as it stands.
        """
        words = [*entrypoint, *command]
        unknown = entrypoint and not is_program(entrypoint[0])
        if unknown and command and is_program(command[0]):
            words = list(command)
        self.words(words, surroundings, variables, confidence=confidence)

    def script(
        self,
        script: Passage,
        surroundings: Surroundings,
        variables: Variables | None = None,
        *,
        confidence: Confidence = Confidence.HIGH,
    ) -> None:
        """Take what a shell runs."""
        text = script.text
        if mentions(text) or (variables and "$" in text):
            followed = assigned(script, variables or {})
            if mentions(followed.text):
                self.file("shell", followed, surroundings, confidence=confidence)

    def file(
        self,
        kind: str,
        content: Passage,
        surroundings: Surroundings,
        *,
        confidence: Confidence = Confidence.HIGH,
    ) -> None:
        """Take a file that stands in this one."""
        source = find_source(kind)
        if source is None or not mentions(content.text):
            return
        reading = source.read(content, surroundings, self._path)
        self._problems.extend(reading.problems)
        for command in reading.commands:
            sure = min(command.confidence, confidence)
            self._commands.append(Command(command.words, command.span, command.surroundings, sure))

    def content(self, content: Passage, name: str, surroundings: Surroundings) -> bool:
        """Take a file of a kind that its name or its text shows; tell whether it was one."""
        if not mentions(content.text):
            return False
        kind = kind_of_content(content.text, name)
        if kind:
            self.file(kind, content, surroundings)
        return bool(kind)

    def take(self, reading: Reading) -> None:
        """Take what another reader found."""
        self._commands.extend(reading.commands)
        self._problems.extend(reading.problems)

    def _missed(self, passage: Passage, surroundings: Surroundings) -> Iterator[Command]:
        """Give what a broken text shows by its look and its structure did not give."""
        from catflap.audit.text.loose import loose_commands

        known = [each.span for each in self._commands]
        for command in loose_commands(passage, surroundings, self._path):
            place = command.words[0].span
            if not any(span.start < place.end and place.start < span.end for span in known):
                yield command

    def reading(self) -> Reading:
        """Return it in the order of the file; what is found twice counts once."""
        for passage, surroundings in self._broken:
            self._commands.extend(self._missed(passage, surroundings))
        self._broken.clear()
        settled = self.references.settle(self._commands)
        commands = sorted(dict.fromkeys(settled), key=lambda command: command.span)
        return Reading(tuple(commands), tuple(dict.fromkeys(self._problems)))
