"""How an image is built, stage by stage, and what its container runs.

Source: https://docs.docker.com/reference/dockerfile/, "Understand how CMD and ENTRYPOINT interact".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.command import Argument
from catflap.audit.containers.dockerlines import instructions
from catflap.audit.containers.exec_form import exec_form
from catflap.audit.containers.interpolation import interpolated
from catflap.audit.containers.rights import user_of
from catflap.audit.containers.vectors import cover, is_program
from catflap.audit.images import is_relay_image, version_of_image
from catflap.audit.text.lines import mentions
from catflap.audit.text.words import SHLEX, tokens
from catflap.core.spans import Span
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from catflap.audit.containers.dockerlines import Instruction
    from catflap.audit.containers.gathered import Gathered
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("Recipe",)

_PINNED = re.compile(
    r"\bsocat(?:[=~<>]=?|-)\s*[\"']?v?(?:\d+:)?(1\.\d+\.\d+(?:\.\d+)?|2\.0\.0[.-]?b\d+)"
    r"|\bSOCAT_(?:VERSION|VER)[= ]\s*[\"']?v?(1\.\d+\.\d+(?:\.\d+)?|2\.0\.0[.-]?b\d+)"
)
_SHELL = re.compile(r"(?:\S*/)?(?:ba|da|a|z|k)?sh")


@dataclass(slots=True)
class _Stage:
    """One stage as it is after the instructions that were read."""

    variables: dict[str, Passage] = field(default_factory=dict)
    user: str = "root"
    version: str = ""
    entrypoint: list[Argument] = field(default_factory=list)
    entry_script: Passage | None = None
    command: list[Argument] = field(default_factory=list)
    command_script: Passage | None = None
    own_command: bool = False
    is_shell: bool = True
    is_base: bool = False
    image: str = ""

    def child(self) -> _Stage:
        """Return a stage that begins where this one ends."""
        return replace(self, variables=dict(self.variables), own_command=False, is_base=False)


class Recipe:
    """Reads one Dockerfile.

    Args:
        passage: its text.
        surroundings: where it stands.
        found: takes what is found.
    """

    __slots__ = ("_found", "_global", "_named", "_passage", "_stages", "_surroundings")

    def __init__(self, passage: Passage, surroundings: Surroundings, found: Gathered) -> None:
        """Take the text."""
        self._passage = passage
        self._found = found
        pinned = _PINNED.search(passage.text)
        version = (pinned[1] or pinned[2]) if pinned else surroundings.version
        self._surroundings = replace(surroundings, container=True, version=version)
        self._stages: list[_Stage] = []
        self._named: dict[str, _Stage] = {}
        self._global: dict[str, Passage] = {}

    def read(self) -> None:
        """Gather from what is run while the image is built, then from what it runs."""
        for instruction in instructions(self._passage):
            if instruction.name == "FROM":
                self._begin(instruction.body)
            elif instruction.name == "ARG" and not self._stages:
                self._global.update(_assignments(instruction.body, {}, self._found))
            else:
                if not self._stages:
                    # A part of a Dockerfile, as documents show it.
                    self._stages.append(_Stage())
                self._one(instruction, self._stages[-1])
        for stage in self._stages:
            if not stage.is_base:
                last = stage is self._stages[-1]
                self._main(stage, Confidence.HIGH if last else Confidence.MEDIUM)

    def _begin(self, body: Passage) -> None:
        words = [token.passage for token in tokens(body, SHLEX)]
        if not words:
            return
        image = interpolated(words[0], self._global, doubled=False)
        base = self._named.get(image.text.lower())
        if base is not None:
            base.is_base = True
            stage = base.child()
        else:
            stage = _Stage(version=version_of_image(image.text))
            if is_relay_image(image.text):
                span = words[0].span(0, len(words[0]))
                name = "catflap" if "catflap" in image.text.rpartition("/")[2] else "socat"
                stage.entrypoint = [Argument((Literal(name, span),), span)]
                stage.image = image.text
        self._stages.append(stage)
        if len(words) > 2 and words[1].text.lower() == "as":
            self._named[words[2].text.lower()] = stage
        self._named[str(len(self._stages) - 1)] = stage

    def _one(self, instruction: Instruction, stage: _Stage) -> None:
        name, body = instruction.name, instruction.body
        if name in {"ENV", "ARG"}:
            known = {**self._global, **stage.variables} if name == "ARG" else stage.variables
            stage.variables.update(_assignments(body, known, self._found))
        elif name == "USER":
            stage.user = user_of(interpolated(body, stage.variables, doubled=False))
        elif name == "SHELL":
            words = exec_form(body)
            stage.is_shell = not words or _SHELL.fullmatch(words[0].text) is not None
        elif name == "RUN":
            self._run(instruction, stage)
        elif name in {"COPY", "ADD"}:
            self._copy(instruction, stage)
        elif name == "HEALTHCHECK":
            self._health(body, stage)
        elif name in {"CMD", "ENTRYPOINT"}:
            _set_process(name, body, stage)

    def _where(self, stage: _Stage) -> Surroundings:
        return replace(
            self._surroundings,
            user=stage.user,
            version=stage.version or self._surroundings.version,
        )

    def _run(self, instruction: Instruction, stage: _Stage) -> None:
        script = instruction.joined or instruction.body
        if not mentions(script.text) and "$" not in script.text:
            return
        # It ends with the build, and a build hands no port on.
        where = replace(self._where(stage), bounded=True, published=(), own_network=True)
        words = exec_form(instruction.body)
        if words is not None:
            self._found.words(words, where, stage.variables)
        elif instruction.is_script:
            for inner in instruction.heredocs:
                if not self._found.content(inner, "", where) and stage.is_shell:
                    self._found.script(inner, where, stage.variables)
        elif stage.is_shell:
            self._found.script(script, where, stage.variables)

    def _copy(self, instruction: Instruction, stage: _Stage) -> None:
        """Gather from files that here-documents hold; the last word says where they go."""
        words = instruction.body.text.split()
        target = words[-1] if words else ""
        for content in instruction.heredocs:
            where = self._where(stage)
            self._found.content(content, target, where)

    def _health(self, body: Passage, stage: _Stage) -> None:
        found = re.match(r"CMD\s+", body.text, re.IGNORECASE)
        if found is None:
            return
        rest = body.part(found.end(), len(body))
        words = exec_form(rest)
        if words is not None:
            self._found.words(words, self._where(stage), stage.variables)
        elif stage.is_shell:
            self._found.script(rest, self._where(stage), stage.variables)

    def _main(self, stage: _Stage, confidence: Confidence) -> None:
        """Gather what a container of a stage runs."""
        where = replace(self._where(stage), supervised_log=True)
        if stage.entry_script is not None:
            # Docker runs it by sh -c and drops CMD.
            self._found.script(stage.entry_script, where, stage.variables, confidence=confidence)
            return
        command = stage.command
        if stage.command_script is not None:
            if not stage.entrypoint or stage.image:
                self._found.script(
                    stage.command_script, where, stage.variables, confidence=confidence
                )
                return
            command = _by_shell(stage.command_script)
        if stage.image:
            words = command if command and is_program(command[0]) else [*stage.entrypoint, *command]
            if command:
                self._found.words(
                    words, where, stage.variables, span=cover(command), confidence=confidence
                )
        else:
            # Whoever starts the container adds words to an entry point that has no CMD.
            where = replace(where, hidden_input=bool(stage.entrypoint) and not command)
            self._found.process(
                stage.entrypoint, command, where, stage.variables, confidence=confidence
            )


def _set_process(name: str, body: Passage, stage: _Stage) -> None:
    words = exec_form(body)
    script = body if words is None and stage.is_shell else None
    if name == "CMD":
        stage.command, stage.command_script, stage.own_command = words or [], script, True
        return
    stage.entrypoint, stage.entry_script, stage.image = words or [], script, ""
    if not stage.own_command:
        stage.command, stage.command_script = [], None


def _by_shell(script: Passage) -> list[Argument]:
    """Return the words by which Docker runs a command in shell form."""
    span = script.span(0, len(script))
    place = Span(span.start, span.start)
    return [
        Argument((Literal("/bin/sh", place),), place),
        Argument((Literal("-c", place),), place),
        Argument(script.pieces(), span),
    ]


def _assignments(body: Passage, known: dict[str, Passage], found: Gathered) -> dict[str, Passage]:
    """Return what ``ENV`` or ``ARG`` sets; ``ENV NAME some text`` is the older form."""

    def meaning(value: Passage) -> Passage:
        return interpolated(value, known, found.references, doubled=False)

    words = [token.passage for token in tokens(body, SHLEX)]
    if not words:
        return {}
    if "=" not in words[0].text:
        name = words[0].text
        if len(words) == 1:
            return {name: known[name]} if name in known else {}
        at = body.text.find(name) + len(name)
        after = at + len(body.text[at:]) - len(body.text[at:].lstrip())
        return {name: meaning(body.part(after, len(body.text.rstrip())))}
    given: dict[str, Passage] = {}
    for word in words:
        name, equals, _ = word.text.partition("=")
        if equals:
            given[name] = meaning(word.part(len(name) + 1, len(word)))
    return given
