"""Manifests of Kubernetes and templates of Helm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.containers.gathered import Gathered
from catflap.audit.text.lines import mentions
from catflap.audit.yaml.templates import helm, jinja
from catflap.audit.yaml.values import Mapping

if TYPE_CHECKING:
    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of the containers, hooks, probes and scripts of a manifest."""
    from catflap.audit.containers.kubernetes import read_cluster

    if not mentions(passage.text):
        return Gathered(path).reading()
    found = Gathered(path)
    text = helm(passage, found.references)
    if "{%" in text.text:
        text = jinja(text, {}, found.references)
    values = found.stream(text, surroundings)
    read_cluster(values, surroundings, found)
    if found.is_empty:
        # Others have a kind too: what is no object of a cluster is read as any YAML.
        from catflap.audit.pipelines.anything import Walker

        for value in values:
            if not isinstance(value, Mapping) or value.get("apiVersion") is None:
                Walker(found, surroundings).walk(value)
    return found.reading()
