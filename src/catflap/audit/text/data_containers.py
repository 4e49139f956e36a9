"""Containers within data: task definitions of ECS, ``docker inspect``, images of OCI."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit import images
from catflap.audit.text.containers import image_program
from catflap.audit.text.data import Value, find, string, strings
from catflap.core.surroundings import Publication

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.audit.command import Argument
    from catflap.core.surroundings import Surroundings

__all__ = ("around_containers", "container")


def container(
    value: Value, outer: Surroundings, vector: Callable[[list[Value]], list[Argument]]
) -> tuple[set[str], list[Argument], Surroundings] | None:
    """Return what a table that describes a container starts, or nothing when it is none.

    Returns:
        the keys that were taken, in lower case, the words, and where they run.
    """
    image = find(value, "image")
    name = image.passage if image is not None else None
    if image is None or name is None:
        return None
    entry = find(value, "entryPoint")
    command = find(value, "command") or find(value, "cmd") or find(value, "args")
    if any(part is not None and part.passage is not None for part in (entry, command)):
        # A string is for a shell; the entries are read on their own.
        has_shell = entry is None and command is not None and images.is_relay_image(name.text)
        if not has_shell:
            return None
    first = list(strings(entry))
    rest = list(strings(command)) + (
        [] if find(value, "command") is None else list(strings(find(value, "args")))
    )
    words = vector(first)
    if not first and images.is_relay_image(name.text):
        words = [image_program(name)]
    words += vector(rest)
    around = replace(
        _ports(value, outer),
        user=string(value, "user") or outer.user,
        container=True,
        version=images.version_of_image(name.text) or outer.version,
        privileged=outer.privileged or _is_true(find(value, "privileged")),
        capabilities=(*outer.capabilities, *_added(find(value, "linuxParameters"))),
        supervised_log=True,
    )
    return {"image", "entrypoint", "command", "cmd", "args"}, words, around


def _is_true(value: Value | None) -> bool:
    return value is not None and value.text == "true"


def _added(parameters: Value | None) -> list[str]:
    kernel = find(parameters, "capabilities") if parameters is not None else None
    added = find(kernel, "add") if kernel is not None else None
    return [
        each.passage.text.upper().removeprefix("CAP_")
        for each in strings(added)
        if each.passage is not None
    ]


def _ports(value: Value, outer: Surroundings) -> Surroundings:
    mappings = find(value, "portMappings")
    if mappings is None or outer.host_network:
        return outer
    published = [
        Publication("", port.text)
        for mapping in mappings.items()
        if (port := find(mapping, "containerPort")) is not None
    ]
    return replace(outer, published=tuple(published))


def around_containers(document: Value, outer: Surroundings) -> Surroundings:
    """Return what a task definition or ``docker inspect`` says beside its containers."""
    host = find(document, "HostConfig")
    config = find(document, "Config") or document
    mode = string(host, "NetworkMode") or string(document, "networkMode")
    if mode == "host":
        outer = replace(outer, host_network=True, container=True)
    if host is None:
        return outer
    bound = find(host, "PortBindings")
    published: list[Publication] = []
    for port, places in bound.entries() if bound is not None and bound.is_table else []:
        for place in places.items():
            address = string(place, "HostIp")
            published.append(
                Publication("" if address in {"0.0.0.0", "::"} else address, port.split("/")[0])  # noqa: S104 -- compared
            )
    return replace(
        outer,
        container=True,
        user=string(config, "User") or outer.user,
        published=tuple(published),
        privileged=_is_true(find(host, "Privileged")) or string(host, "PidMode") == "host",
        capabilities=tuple(
            each.passage.text.upper().removeprefix("CAP_")
            for each in strings(find(host, "CapAdd"))
            if each.passage is not None
        ),
        supervised_log=True,
    )
