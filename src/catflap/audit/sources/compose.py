"""Services of compose: what they run, and who reaches it (the Compose Specification)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.containers.gathered import Gathered
from catflap.audit.text.lines import mentions
from catflap.audit.yaml.templates import jinja
from catflap.audit.yaml.values import Mapping

if TYPE_CHECKING:
    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a compose file's services."""
    from catflap.audit.containers.compose import read_project

    if not mentions(passage.text):
        return Gathered(path).reading()
    found = Gathered(path)
    for value in found.stream(jinja(passage, {}, found.references), surroundings):
        if isinstance(value, Mapping):
            read_project(value, surroundings, found)
    return found.reading()
