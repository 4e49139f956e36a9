"""YAML of no known kind: cloud-init, Taskfiles, CircleCI, Azure pipelines, Drone and the like.

Keys tell what is run. A string under any other key counts when it is a command by its own look,
with less confidence; under keys that are for people it never does.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.code.examined import is_examined
from catflap.audit.code.judgement import is_program, plausible, runs_field
from catflap.audit.containers.environment import Variables, variables_of
from catflap.audit.containers.gathered import Gathered
from catflap.audit.containers.rights import publications
from catflap.audit.containers.vectors import image_vector, split, written
from catflap.audit.images import is_relay_image, takes_addresses, version_of_image
from catflap.audit.pipelines.scripts import joined
from catflap.audit.text.lines import mentions
from catflap.audit.text.templates import placeholders
from catflap.audit.yaml.values import Mapping, Scalar, Sequence
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from catflap.audit.command import Argument
    from catflap.audit.passage import Passage
    from catflap.audit.yaml.values import Entry, Value
    from catflap.core.surroundings import Surroundings

__all__ = ("Walker",)

_DEEPEST = 40
_PROSE = re.compile(
    r"(?i)(?:short|long)?[-_ ]?(?:descr?(?:iption)?|name|help|title|comments?|summary|labels?"
    r"|notes?|messages?|msg|docs?|documentation|examples?|usage|displayname|display_name|reason|hint|about"
    r"|abstract|synopsis|tooltip|changelog|changes|authors?|maintainers?|license|url|homepage"
    r"|answer|question|category|tags|keywords|packages?|apt|depends|dependencies|requires"
    r"|build-packages|stage-packages|impact|remediation|rationale|detection|output|stdout|stderr"
    r"|expected|expect)"
)
_RUNS = re.compile(
    r"(?i)(?:.*[-_ .]|.*[a-z](?=[A-Z]))?"
    r"(?:commands?|cmds?|cmdline|run|runs|script|scripts|exec(?:start|stop)?(?:pre|post)?|execute"
    r"|entry|entrypoint|runcmd|bootcmd|sh|shell|bash|inline|inlinescript|start|stop|restart|reload"
    r"|install|daemon|program|launch|hook|hooks|before|after|setup|teardown|pre|post|build|test"
    r"|deploy|prepare|up|down|tasks?|steps?|args|arguments|argv|invoke|do|action|proxycommand"
    r"|startup|shutdown|init|initcommand|poststart|prestart|poststop|prestop|oncreate)"
)
_VECTOR_KEYS = frozenset({"args", "arguments", "argv", "command", "cmd", "exec", "entrypoint"})
_PROGRAMS = ("command", "cmd", "program", "executable", "entrypoint")
_ARGUMENTS = ("args", "arguments", "command", "cmd")
_SHELL_SIGNS = re.compile(r"[\n;&|<>`$]")


class Walker:
    """Reads one document.

    Args:
        found: takes what is found.
        surroundings: where the file stands.
    """

    __slots__ = ("_found", "_surroundings")

    def __init__(self, found: Gathered, surroundings: Surroundings) -> None:
        """Take where to put it."""
        self._found = found
        self._surroundings = surroundings

    def walk(self, value: Value | None) -> None:
        """Gather from a value and all that it holds."""
        self._value(value, "", self._surroundings, {}, 0)

    def _value(
        self,
        value: Value | None,
        key: str,
        where: Surroundings,
        variables: Variables,
        depth: int,
    ) -> None:
        if depth > _DEEPEST or value is None or not value.document.mentions(value.node):
            return
        if isinstance(value, Scalar):
            self._scalar(value, key, where, variables)
        elif isinstance(value, Sequence):
            self._sequence(value, key, where, variables, depth)
        else:
            self._mapping(value, key, where, variables, depth)

    def _scalar(self, value: Scalar, key: str, where: Surroundings, variables: Variables) -> None:
        text = value.passage
        if not mentions(text.text) or self._found.content(text, key, where):
            return
        if _RUNS.fullmatch(key):
            self._found.script(text, where, variables)
        elif not _PROSE.fullmatch(key) and not is_examined(key):
            self._guess(text, where, variables)

    def _guess(self, text: Passage, where: Surroundings, variables: Variables) -> None:
        """Gather from a string that begins with the program and goes on with two addresses."""
        first = text.text.split(None, 1)
        if not first or not (is_program(first[0]) or first[0] in {"sudo", "exec", "nohup"}):
            return
        guess = Gathered("")
        guess.script(text, where, variables, confidence=Confidence.MEDIUM)
        self._take_plausible(guess)

    def _take_plausible(self, guess: Gathered) -> None:
        """Take what can be two addresses; a list of packages cannot."""
        reading = guess.reading()
        if reading.commands and all(plausible(command) for command in reading.commands):
            self._found.take(reading)

    def _sequence(
        self,
        value: Sequence,
        key: str,
        where: Surroundings,
        variables: Variables,
        depth: int,
    ) -> None:
        """Gather from a list: a vector of words, lines of one script, or neither."""
        if _PROSE.fullmatch(key):
            return
        items = list(value)
        words = [item for item in items if isinstance(item, Scalar)]
        if words and len(words) == len(items) and self._is_vector(words, key):
            if key.lower() in _VECTOR_KEYS:
                self._found.words(written(words, _as_it_is), where, variables)
            else:
                guess = Gathered("")
                guess.words(written(words, _as_it_is), where, variables)
                self._take_plausible(guess)
            return
        if words and _RUNS.fullmatch(key):
            self._found.script(joined(*words), where, variables)
        for item in items:
            if isinstance(item, Scalar) and _RUNS.fullmatch(key):
                continue
            inner = key
            if isinstance(item, Sequence) and _RUNS.fullmatch(key):
                # cloud-init: each of runcmd's items may be a vector of its own.
                inner = "argv"
            self._value(item, inner, where, variables, depth + 1)

    def _is_vector(self, words: list[Scalar], key: str) -> bool:
        first = words[0].text.strip()
        if len(words) == 1 and " " in first:
            return False
        if is_program(first):
            return True
        return key.lower() in _VECTOR_KEYS and not any(
            is_program(word.text.partition(" ")[0]) and " " in word.text.strip()
            for word in words
            if not _follows_shell(words, word)
        )

    def _mapping(
        self,
        value: Mapping,
        key: str,
        where: Surroundings,
        variables: Variables,
        depth: int,
    ) -> None:
        for name in ("env", "environment", "variables", "vars"):
            given = variables_of(value.get(name))
            if given:
                variables = {**variables, **given}
        # CloudFormation begins the names of its fields with capitals.
        image = value.scalar("image", "Image") or _repository(value)
        if image is not None:
            where = _in_container(value, image, where)
        taken = self._started(value, where, variables)
        taken = taken or self._relay_image(value, image, where, variables)
        taken |= self._written(value, where)
        for entry in value.entries:
            if entry.mentions and entry.name not in taken:
                self._entry(entry, key, where, variables, depth)

    def _entry(
        self, entry: Entry, key: str, where: Surroundings, variables: Variables, depth: int
    ) -> None:
        value = entry.value
        if isinstance(value, Scalar) and _PROSE.fullmatch(entry.name):
            return
        if entry.name.lower() in {"example", "examples", "description"}:
            self._shown(value, where, variables, depth + 1)
            return
        if entry.name == "entry" and isinstance(value, Scalar):
            # pre-commit splits it without a shell.
            self._found.words(split(value.passage), where, variables)
            return
        name = entry.name
        if isinstance(value, Mapping) and not _RUNS.fullmatch(name) and _RUNS.fullmatch(key):
            name = key
        self._value(value, name, where, variables, depth + 1)

    def _shown(
        self, value: Value | None, where: Surroundings, variables: Variables, depth: int
    ) -> None:
        """Gather from examples what their own fields call commands, and nothing else."""
        if depth > _DEEPEST or value is None or not value.document.mentions(value.node):
            return
        if isinstance(value, Sequence):
            for item in value:
                self._shown(item, where, variables, depth + 1)
        elif isinstance(value, Mapping):
            for entry in value.entries:
                if isinstance(entry.value, Scalar) and runs_field(entry.name):
                    self._guess(entry.value.passage, where, variables)
                elif not isinstance(entry.value, Scalar):
                    self._shown(entry.value, where, variables, depth + 1)

    def _written(self, value: Mapping, where: Surroundings) -> frozenset[str]:
        """Gather from a file that cloud-init or the like writes; return the keys this took."""
        content, path = value.scalar("content"), value.scalar("path", "dest")
        if content is None or path is None:
            return frozenset()
        taken = self._found.content(content.passage, path.text, where)
        return frozenset({"content"}) if taken else frozenset()

    def _started(self, value: Mapping, where: Surroundings, variables: Variables) -> frozenset[str]:
        """Gather from a program in one entry and its arguments in another; return both keys."""
        for name in _PROGRAMS:
            program = value.get(name)
            for other in _ARGUMENTS:
                rest = value.get(other)
                if program is None or not isinstance(rest, Sequence) or name == other:
                    continue
                guess = Gathered("")
                guess.words([*_first_words(program), *written(rest, _as_it_is)], where, variables)
                if not guess.is_empty:
                    self._found.take(guess.reading())
                    return frozenset({name, other})
        return frozenset()

    def _relay_image(
        self, value: Mapping, image: Scalar | None, where: Surroundings, variables: Variables
    ) -> frozenset[str]:
        """Gather from a container whose image is a relay; return the keys that this took."""
        if image is None or value.get("entrypoint", "EntryPoint"):
            return frozenset()
        for name in ("command", "args", "cmd", "Command"):
            given = value.get(name)
            if isinstance(given, Scalar):
                # In documents ``<port>`` is for the reader to fill in, no redirection.
                text = placeholders(given.passage) if where.document else given.passage
                if _SHELL_SIGNS.search(text.text):
                    continue
                words = split(text)
            elif isinstance(given, Sequence):
                words = written(given, _as_it_is)
            else:
                continue
            texts = [word.text for word in words]
            if words and (is_relay_image(image.text) or takes_addresses(texts)):
                vector, span = image_vector(image.text, image.span, words)
                self._found.words(vector, where, variables, span=span)
                return frozenset({name})
        return frozenset()


def _repository(value: Mapping) -> Scalar | None:
    """Return the name of an image as values of a chart have it, apart from its tag."""
    image = value.get("image")
    return image.scalar("repository", "name") if isinstance(image, Mapping) else None


def _first_words(program: Value) -> list[Argument]:
    """Return the words of a list, or of a string that is one word."""
    if isinstance(program, Sequence):
        return written(program, _as_it_is)
    if isinstance(program, Scalar) and not re.search(r"\s", program.text.strip()):
        return split(program.passage)
    return []


def _follows_shell(words: list[Scalar], word: Scalar) -> bool:
    """Whether a word is the script after ``sh -c``."""
    position = next(index for index, each in enumerate(words) if each is word)
    return position > 0 and words[position - 1].text.startswith("-")


def _in_container(value: Mapping, image: Scalar, where: Surroundings) -> Surroundings:
    ports = value.sequence("ports")
    published = None
    if ports is not None:
        published = tuple(port for item in ports.scalars() for port in publications(item.passage))
    return replace(
        where,
        container=True,
        user="",
        published=published,
        privileged=value.is_true("privileged"),
        host_network=value.says("network_mode", "host"),
        version=version_of_image(image.text) or where.version,
    )


def _as_it_is(passage: Passage) -> Passage:
    return passage
