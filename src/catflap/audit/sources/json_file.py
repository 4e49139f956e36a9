"""JSON: devcontainers, packages, tasks of editors, task definitions, manifests, inspections."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit import grammar
from catflap.audit.command import Reading
from catflap.audit.sources.registry import find_source
from catflap.audit.text.data import find, string
from catflap.audit.text.data_commands import commands_of
from catflap.audit.text.data_containers import around_containers
from catflap.audit.text.documents import gathered
from catflap.audit.text.lines import broken, mentions
from catflap.audit.text.nodes import faults, roots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.passage import Passage
    from catflap.audit.text.data import Value
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_MANIFEST = re.compile(r'"apiVersion"\s*:')
_KIND = re.compile(r'"kind"\s*:')
_COMPOSE = re.compile(r'\A\s*\{[^{}]*"services"\s*:\s*\{')


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands in a JSON file; comments and commas at the end are taken."""
    if not mentions(passage.text):
        return Reading(())
    # JSON is YAML: who reads manifests and services there reads them here.
    name = ""
    if _MANIFEST.search(passage.text) and _KIND.search(passage.text):
        name = "kubernetes"
    elif _COMPOSE.match(passage.text) and not path.endswith("devcontainer.json"):
        name = "compose"
    source = find_source(name)
    if source is not None:
        return source.read(passage, surroundings, path)
    tree = grammar.parse("json", passage)
    problems = [
        broken(passage, start, end, "this is no JSON; the rest of the file was read")
        for start, end in faults(tree)
    ]
    readings = [reading for root in roots(tree) for reading in _root(root, surroundings, path)]
    reading = gathered(readings)
    return Reading(reading.commands, (*problems, *reading.problems))


def _root(root: Value, surroundings: Surroundings, path: str) -> Iterator[Reading]:
    file = path.replace("\\", "/").rpartition("/")[2].lower()
    if root.is_list and any(find(item, "HostConfig") for item in root.items()):
        for item in root.items():
            yield from commands_of(item, around_containers(item, surroundings), path)
        return
    if root.is_table and "devcontainer" in file:
        yield from _devcontainer(root, surroundings, path)
        return
    yield from commands_of(root, around_containers(root, surroundings), path)


def _devcontainer(root: Value, surroundings: Surroundings, path: str) -> Iterator[Reading]:
    """Give the commands of a devcontainer: all but ``initializeCommand`` run inside of it."""
    arguments = find(root, "runArgs")
    inside = replace(
        surroundings,
        container=True,
        user=string(root, "remoteUser") or string(root, "containerUser"),
        host_network=arguments is not None
        and re.search("--net(work)?(=|\\W+)host", arguments.text) is not None,
        privileged=arguments is not None and "--privileged" in arguments.text,
    )
    for key, value in root.entries():
        around = surroundings if key == "initializeCommand" else inside
        yield from commands_of(value, around, path, (key,))
