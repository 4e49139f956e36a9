"""Workflows and actions of GitHub: steps, services, images that a job runs in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from catflap.audit.containers.environment import variables_of
from catflap.audit.containers.gathered import Gathered
from catflap.audit.containers.rights import publications
from catflap.audit.containers.vectors import image_vector, split, vector
from catflap.audit.images import version_of_image
from catflap.audit.text.lines import mentions
from catflap.audit.yaml.templates import actions
from catflap.audit.yaml.values import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.audit.yaml.values import Value
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_SHELL = re.compile(r"\s*(?:\S*/)?(?:ba|da|a|z|k)?sh\b|\s*\{0\}")
_DOCKER = "docker://"


@dataclass(frozen=True, slots=True)
class _Step:
    """What holds for the steps of a job."""

    found: Gathered
    where: Surroundings
    variables: dict[str, Passage] = field(default_factory=dict)
    shell: str = ""

    def meaning(self, passage: Passage) -> Passage:
        """Return a text with expressions filled in that name this file's variables."""
        return actions(passage, self.variables, self.found.references)

    def with_environment(self, value: Value | None) -> _Step:
        """Return it with more variables; those that name others are filled in."""
        added = {name: self.meaning(text) for name, text in variables_of(value).items()}
        return replace(self, variables={**self.variables, **added}) if added else self


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a workflow's or an action's steps."""
    if not mentions(passage.text):
        return Gathered(path).reading()
    found = Gathered(path)
    host = replace(surroundings, user=surroundings.user or "runner")
    for value in found.stream(passage, surroundings):
        if isinstance(value, Mapping):
            step = _Step(found, host).with_environment(value.get("env"))
            step = _with_defaults(step, value)
            jobs = value.mapping("jobs")
            for entry in jobs.entries if jobs is not None else ():
                if isinstance(entry.value, Mapping):
                    _job(entry.value, step)
            runs = value.mapping("runs")
            if runs is not None:
                _action(runs, step)
    return found.reading()


def _with_defaults(step: _Step, holder: Mapping) -> _Step:
    defaults = holder.mapping("defaults")
    run = defaults.mapping("run") if defaults is not None else None
    shell = run.scalar("shell") if run is not None else None
    return step if shell is None else replace(step, shell=shell.text)


def _job(job: Mapping, outer: _Step) -> None:
    step = _with_defaults(outer.with_environment(job.get("env")), job)
    container = job.get("container")
    if container is not None:
        step = replace(step, where=_inside(container, step.where))
    services = job.mapping("services")
    for entry in services.entries if services is not None else ():
        if isinstance(entry.value, Mapping) and entry.mentions:
            _service(entry.value, outer)
    _steps(job.sequence("steps"), step)


def _inside(container: Value, where: Surroundings) -> Surroundings:
    """Return where the steps of a job with a container run."""
    options = container.scalar("options") if isinstance(container, Mapping) else None
    return _with_options(replace(where, user="", container=True), container, options)


def _with_options(where: Surroundings, holder: Value, options: Scalar | None) -> Surroundings:
    ports = holder.sequence("ports") if isinstance(holder, Mapping) else None
    published = tuple(
        each for port in (ports.scalars() if ports else ()) for each in publications(port.passage)
    )
    words = [word.text for word in split(options.passage)] if options is not None else []
    text = " ".join(words)
    on_host = re.search(r"--net(?:work)?[= ]host\b", text) is not None
    user = re.search(r"(?:^|\s)(?:-u|--user)[= ](\S+)", text)
    added = tuple(
        name.upper().removeprefix("CAP_") for name in re.findall(r"--cap-add[= ](\S+)", text)
    )
    return replace(
        where,
        host_network=on_host,
        published=None if on_host else published,
        privileged="--privileged" in words,
        capabilities=added,
        user=user[1].partition(":")[0] if user else where.user,
    )


def _service(service: Mapping, step: _Step) -> None:
    """Gather what a service container runs; GitHub has keys for it since 2025."""
    where = replace(step.where, user="", container=True, supervised_log=True)
    where = _with_options(where, service, service.scalar("options"))
    image = service.scalar("image")
    command = vector(service.get("command"), step.meaning)
    entrypoint = vector(service.get("entrypoint"), step.meaning)
    if entrypoint:
        step.found.process(entrypoint, command, where)
    elif command and image is not None:
        where = replace(where, version=version_of_image(image.text))
        words, span = image_vector(image.text, image.span, command)
        step.found.words(words, where, span=span)


def _action(runs: Mapping, step: _Step) -> None:
    """Gather from a composite action's steps, or from what a container action runs."""
    _steps(runs.sequence("steps"), step)
    image = runs.scalar("image")
    entrypoint = vector(runs.get("entrypoint"), step.meaning)
    arguments = vector(runs.get("args"), step.meaning)
    where = replace(step.where, user="", container=True)
    if entrypoint:
        step.found.process(entrypoint, arguments, where)
    elif arguments and image is not None:
        name = image.text.removeprefix(_DOCKER)
        words, span = image_vector(name, image.span, arguments)
        step.found.words(words, where, span=span)


def _steps(steps: Sequence | None, outer: _Step) -> None:
    for item in steps or ():
        if isinstance(item, Mapping):
            _one_step(item, outer.with_environment(item.get("env")))


def _one_step(item: Mapping, step: _Step) -> None:
    run = item.scalar("run")
    if run is not None:
        shell = item.scalar("shell")
        _run(run, shell.text if shell is not None else step.shell, step)
    uses, given = item.scalar("uses"), item.mapping("with")
    if uses is None or given is None:
        return
    if uses.text.startswith(_DOCKER):
        _docker_step(uses, given, step)
    script = given.scalar("script", "run", "command")
    if script is None:
        return
    if "github-script" in uses.text:
        step.found.file("javascript", step.meaning(script.passage), step.where)
    elif "ssh" in uses.text:
        elsewhere = replace(step.where, user="", elsewhere=True)
        step.found.script(step.meaning(script.passage), elsewhere)
    else:
        step.found.script(step.meaning(script.passage), step.where, step.variables)


def _run(run: Scalar, shell: str, step: _Step) -> None:
    script = step.meaning(run.passage)
    if not shell or _SHELL.match(shell):
        step.found.script(script, step.where, step.variables)
    elif "python" in shell:
        step.found.file("python", script, step.where)


def _docker_step(uses: Scalar, given: Mapping, step: _Step) -> None:
    name = uses.text.removeprefix(_DOCKER)
    entrypoint = vector(given.get("entrypoint"), step.meaning)
    arguments = vector(given.get("args"), step.meaning)
    where = replace(
        step.where, user="", container=True, published=(), version=version_of_image(name)
    )
    if entrypoint:
        step.found.process(entrypoint, arguments, where)
    elif arguments:
        words, span = image_vector(name, uses.span, arguments)
        step.found.words(words, where, span=span)
