"""Plays and tasks: modules that run commands, and modules that write files which do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from catflap.audit.containers.environment import variables_of
from catflap.audit.containers.vectors import split, written
from catflap.audit.pipelines.ansible_containers import read_container
from catflap.audit.text.lines import mentions
from catflap.audit.yaml.templates import jinja
from catflap.audit.yaml.values import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from catflap.audit.command import Argument
    from catflap.audit.containers.gathered import Gathered
    from catflap.audit.passage import Passage
    from catflap.audit.text.references import References
    from catflap.audit.yaml.values import Value
    from catflap.core.surroundings import Surroundings

__all__ = ("Playbook",)

_DEEPEST = 16
_LISTS = frozenset({
    "tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always",
})  # fmt: skip
_SHELL = frozenset({"shell", "raw", "expect"})
_WRITES = frozenset({"copy", "template", "blockinfile", "lineinfile", "replace"})
_CONTAINERS = frozenset({"docker_container", "podman_container", "docker_swarm_service"})
_KEYWORD = re.compile(
    r"(?:^|(?<=\s))(?:creates|removes|chdir|executable|warn|stdin|strip_empty_ends)="
    r"(?:\"[^\"]*\"|'[^']*'|\S+)"
)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds for a list of tasks."""

    where: Surroundings
    references: References
    variables: dict[str, Passage] = field(default_factory=dict)
    environment: dict[str, Passage] = field(default_factory=dict)

    def meaning(self, passage: Passage) -> Passage:
        """Return a text with expressions filled in that name this file's variables."""
        return jinja(passage, self.variables, self.references)

    def within(self, holder: Mapping) -> _Scope:
        """Return what holds within a play, a block or a task."""
        variables = self.variables
        own = variables_of(holder.get("vars"))
        if own:
            variables = {**variables, **{name: self.meaning(own[name]) for name in own}}
        environment = self.environment
        given = variables_of(holder.get("environment"))
        if given:
            environment = {
                **environment,
                **{name: self.meaning(given[name]) for name in given},
            }
        where = self.where
        remote = holder.scalar("remote_user", "user") if holder.get("hosts") else None
        if remote is not None and not remote.passage.holes and "{{" not in remote.text:
            where = replace(where, user=remote.text)
        if holder.is_true("become") or holder.is_true("sudo"):
            account = holder.scalar("become_user")
            name = self.meaning(account.passage) if account is not None else None
            user = "root" if name is None else "" if name.holes else name.text
            where = replace(where, user=user)
        elif holder.says("become", "false", "no", "off"):
            where = replace(where, user="")
        return _Scope(where, self.references, variables, environment)


class Playbook:
    """Reads one document.

    Args:
        found: takes what is found.
    """

    __slots__ = ("_found",)

    def __init__(self, found: Gathered) -> None:
        """Take where to put it."""
        self._found = found

    def read(self, value: Value, surroundings: Surroundings) -> None:
        """Gather from plays, or from a list of tasks."""
        scope = _Scope(surroundings, self._found.references)
        if isinstance(value, Sequence):
            self._tasks(value, scope, 0)
        elif isinstance(value, Mapping):
            self._task(value, scope, 0)

    def _tasks(self, tasks: Sequence, scope: _Scope, depth: int) -> None:
        # A variable may hold the whole command; else only tasks count that name a relay.
        all_count = any(mentions(value.text) for value in scope.variables.values())
        for item in tasks:
            if isinstance(item, Mapping) and (all_count or item.document.mentions(item.node)):
                self._task(item, scope, depth)

    def _task(self, task: Mapping, outer: _Scope, depth: int) -> None:
        """Gather from a play, a block or a task: they are told apart by what they hold."""
        if depth > _DEEPEST:
            return
        scope = outer.within(task)
        for entry in task.entries:
            value = entry.value
            if entry.name in _LISTS and isinstance(value, Sequence):
                self._tasks(value, scope, depth + 1)
            elif entry.name in {"action", "local_action"}:
                self._action(value, scope)
            elif value is not None:
                self._module(entry.name, value, task, scope)

    def _action(self, value: Value | None, scope: _Scope) -> None:
        """Gather from the older form, which has the module's name first."""
        if isinstance(value, Scalar):
            found = re.match(r"\s*([\w.]+)\s+", value.text)
            if found is not None:
                rest = value.passage.part(found.end(), len(value.passage))
                self._free_form(found[1].rpartition(".")[2], rest, scope)
        elif isinstance(value, Mapping):
            module = value.scalar("module")
            if module is not None:
                self._module(module.text, value, value, scope)

    def _module(self, name: str, value: Value, task: Mapping, scope: _Scope) -> None:
        module = name.rpartition(".")[2]
        if module == "command" or module in _SHELL:
            self._command(module, value, task, scope)
        elif not isinstance(value, Mapping) or value.says("state", "absent"):
            # What is taken away says what was there.
            return
        elif module in _WRITES:
            content = value.scalar("content", "block", "line", "replace")
            target = value.scalar("dest", "path", "name")
            if content is not None:
                text = scope.meaning(content.passage)
                place = target.text if target is not None else ""
                if not self._found.content(text, place, scope.where) and module == "lineinfile":
                    self._line(text, scope)
        elif module == "cron":
            job, user = value.scalar("job"), value.scalar("user")
            if job is not None:
                where = replace(scope.where, user=user.text) if user is not None else scope.where
                self._found.script(scope.meaning(job.passage), where)
        elif module in _CONTAINERS:
            read_container(value, scope.where, scope.meaning, self._found)
        elif module in {"k8s", "docker_compose", "docker_compose_v2"}:
            self._definition(module, value, scope)

    def _line(self, line: Passage, scope: _Scope) -> None:
        """Gather from a line that goes into a file of an unknown kind: ``ExecStart=``."""
        found = re.match(r"\s*Exec\w+=[-@:+!|]*", line.text)
        if found is not None:
            self._found.words(split(line.part(found.end(), len(line))), scope.where)

    def _definition(self, module: str, value: Mapping, scope: _Scope) -> None:
        from catflap.audit.containers.compose import read_project
        from catflap.audit.containers.kubernetes import read_cluster

        definition = value.get("definition")
        if module == "k8s" and definition is not None:
            items = list(definition) if isinstance(definition, Sequence) else [definition]
            read_cluster([item for item in items if item is not None], scope.where, self._found)
        elif isinstance(definition, Mapping):
            read_project(definition, scope.where, self._found)

    def _command(self, module: str, value: Value, task: Mapping, scope: _Scope) -> None:
        if isinstance(value, Scalar):
            self._free_form(module, value.passage, scope)
            return
        holder = value if isinstance(value, Mapping) else task.mapping("args")
        text = holder.scalar("cmd", "command", "_raw_params") if holder is not None else None
        if text is not None:
            self._free_form(module, text.passage, scope)
        words = holder.sequence("argv") if holder is not None else None
        if isinstance(value, Sequence):
            words = value
        if words is not None:
            self._run(written(words, scope.meaning), scope)

    def _free_form(self, module: str, text: Passage, scope: _Scope) -> None:
        """Gather from one string; what the module takes for itself is no part of the command."""
        kept: list[Passage] = []
        at = 0
        for found in _KEYWORD.finditer(text.text):
            kept.append(text.part(at, found.start()))
            at = found.end()
        rest = type(text).join([*kept, text.part(at, len(text))]) if kept else text
        known = scope.meaning(rest)
        if module in _SHELL:
            self._found.script(known, scope.where, scope.environment)
        elif module == "command":
            self._run(split(known), scope)

    def _run(self, words: list[Argument], scope: _Scope) -> None:
        self._found.words(words, scope.where, scope.environment)
