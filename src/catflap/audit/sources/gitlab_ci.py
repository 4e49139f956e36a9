"""Pipelines of GitLab: the scripts of jobs, and their services."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.containers.environment import variables_of
from catflap.audit.containers.gathered import Gathered
from catflap.audit.containers.vectors import image_vector, vector
from catflap.audit.images import version_of_image
from catflap.audit.pipelines.scripts import joined
from catflap.audit.text.lines import mentions
from catflap.audit.yaml.values import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.audit.yaml.values import Value
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_DEEPEST = 10


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a pipeline's jobs."""
    if not mentions(passage.text):
        return Gathered(path).reading()
    found = Gathered(path)
    for value in found.stream(passage, surroundings):
        if isinstance(value, Mapping):
            _pipeline(value, surroundings, found)
    return found.reading()


def _pipeline(pipeline: Mapping, surroundings: Surroundings, found: Gathered) -> None:
    default = pipeline.mapping("default")
    layers = [layer for layer in (default, pipeline) if layer is not None]
    shared = variables_of(pipeline.get("variables"))
    for holder in layers:
        _job(holder, layers, pipeline, (surroundings, shared), found)
    for entry in pipeline.entries:
        value = entry.value
        if isinstance(value, Mapping) and entry.name not in {"default", "variables", "include"}:
            _job(value, layers, pipeline, (surroundings, shared), found)


def _inherited(job: Mapping, pipeline: Mapping) -> list[Mapping]:
    """Return a job and the jobs of this file that it extends, nearest first."""
    found = [job]
    todo = [job]
    while todo and len(found) < _DEEPEST:
        extends = todo.pop().get("extends")
        names = [extends] if isinstance(extends, Scalar) else (
            extends.scalars() if isinstance(extends, Sequence) else []
        )  # fmt: skip
        for name in reversed(names):
            base = pipeline.mapping(name.text)
            if base is not None and all(base.node != each.node for each in found):
                found.append(base)
                todo.append(base)
    return found


def _first(layers: list[Mapping], name: str) -> Value | None:
    return next((value for layer in layers if (value := layer.get(name)) is not None), None)


def _job(
    job: Mapping,
    defaults: list[Mapping],
    pipeline: Mapping,
    outer: tuple[Surroundings, dict[str, Passage]],
    found: Gathered,
) -> None:
    surroundings, shared = outer
    own = _inherited(job, pipeline)
    layers = own if job in defaults else [*own, *defaults]
    variables = dict(shared)
    for layer in reversed(own):
        variables.update(variables_of(layer.get("variables")))
    image = _first(layers, "image")
    where = replace(surroundings, container=True) if image is not None else surroundings
    if job in defaults:
        before, after = job.get("before_script"), job.get("after_script")
    else:
        before, after = _first(layers, "before_script"), _first(layers, "after_script")
    main = _first(own, "script")
    found.script(joined(before, main), where, variables)
    found.script(joined(after), where, variables)
    hooks = job.mapping("hooks")
    if hooks is not None:
        found.script(joined(hooks.get("pre_get_sources_script")), where, variables)
    services = job.sequence("services")
    for service in services or ():
        if isinstance(service, Mapping):
            _service(service, surroundings, variables, found)


def _service(
    service: Mapping, surroundings: Surroundings, variables: dict[str, Passage], found: Gathered
) -> None:
    image = service.scalar("name")
    name = image.text if image is not None else ""
    where = replace(
        surroundings,
        container=True,
        published=(),
        supervised_log=True,
        version=version_of_image(name),
    )
    given = {**variables, **variables_of(service.get("variables"))}
    entrypoint = vector(service.get("entrypoint"), _as_it_is)
    command = vector(service.get("command"), _as_it_is)
    if any(word.text for word in entrypoint):
        found.process(entrypoint, command, where, given)
    elif command and image is not None:
        words, span = image_vector(name, image.span, command)
        found.words(words, where, given, span=span)


def _as_it_is(passage: Passage) -> Passage:
    return passage
