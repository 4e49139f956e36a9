"""Containers that a task starts: ``docker_container``, ``podman_container``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.containers.environment import variables_of
from catflap.audit.containers.rights import capabilities, publications, user_of
from catflap.audit.containers.vectors import image_vector, vector
from catflap.audit.images import version_of_image
from catflap.audit.yaml.values import Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.audit.containers.gathered import Gathered
    from catflap.audit.passage import Passage
    from catflap.audit.yaml.values import Mapping, Value
    from catflap.core.surroundings import Publication, Surroundings

__all__ = ("read_container",)


def read_container(
    module: Mapping,
    surroundings: Surroundings,
    meaning: Callable[[Passage], Passage],
    found: Gathered,
) -> None:
    """Gather what a container runs that a task describes.

    Args:
        module: the module's parameters.
        surroundings: those of the task; the container has rights of its own.
        meaning: fills in the playbook's variables.
        found: takes what is found.
    """
    image = module.scalar("image")
    name = meaning(image.passage).text if image is not None else ""
    where = _where(module, surroundings, meaning, name)
    variables = variables_of(module.get("env"))
    entrypoint = vector(module.get("entrypoint"), meaning)
    command = vector(module.get("command", "args"), meaning)
    if entrypoint:
        found.process(entrypoint, command, where, variables)
    elif command and image is not None:
        words, span = image_vector(name, image.span, command)
        found.words(words, where, variables, span=span)
    elif command:
        found.words(command, where, variables)


def _where(
    module: Mapping,
    surroundings: Surroundings,
    meaning: Callable[[Passage], Passage],
    image: str,
) -> Surroundings:
    user = module.scalar("user")
    network = module.scalar("network_mode", "network")
    on_host = network is not None and network.text == "host"
    added = module.sequence("capabilities", "cap_add")
    published = _published(module.get("published_ports", "ports", "publish"), meaning)
    shared = network is not None and network.text.startswith("container:")
    return replace(
        surroundings,
        container=True,
        supervised_log=True,
        user=user_of(meaning(user.passage)) if user is not None else "",
        host_network=on_host,
        published=None if on_host or shared else published,
        own_network=not on_host and not shared and published == (),
        privileged=module.is_true("privileged") or module.says("pid_mode", "host"),
        capabilities=capabilities(item.text for item in added.scalars()) if added else (),
        version=version_of_image(image),
    )


def _published(
    value: Value | None, meaning: Callable[[Passage], Passage]
) -> tuple[Publication, ...] | None:
    """Return the ports; ``None`` when they come from elsewhere."""
    if isinstance(value, Sequence):
        return tuple(
            port for item in value.scalars() for port in publications(meaning(item.passage))
        )
    if isinstance(value, Scalar):
        known = meaning(value.passage)
        if known.holes or known.text == "all":
            return None
        parts: list[Publication] = []
        at = 0
        for text in known.text.split(","):
            parts.extend(publications(known.part(at, at + len(text))))
            at += len(text) + 1
        return tuple(parts)
    return ()
