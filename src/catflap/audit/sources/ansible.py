"""Playbooks, roles and tasks of Ansible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.containers.gathered import Gathered
from catflap.audit.text.lines import mentions

if TYPE_CHECKING:
    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of tasks, and of the files that tasks write."""
    from catflap.audit.pipelines.ansible import Playbook

    if not mentions(passage.text):
        return Gathered(path).reading()
    found = Gathered(path)
    for value in found.stream(passage, surroundings):
        Playbook(found).read(value, surroundings)
    return found.reading()
