"""TOML: tasks, scripts and commands of tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit import grammar
from catflap.audit.command import Reading
from catflap.audit.text.data_commands import commands_of
from catflap.audit.text.documents import gathered
from catflap.audit.text.lines import broken, mentions
from catflap.audit.text.nodes import faults, roots

if TYPE_CHECKING:
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands in a TOML file."""
    if not mentions(passage.text):
        return Reading(())
    tree = grammar.parse("toml", passage)
    problems = [
        broken(passage, start, end, "this is no TOML; the rest of the file was read")
        for start, end in faults(tree)
    ]
    reading = gathered(
        reading for root in roots(tree) for reading in commands_of(root, surroundings, path)
    )
    return Reading(reading.commands, (*problems, *reading.problems))
