"""Dockerfiles and Containerfiles: what is built, and what the image then runs."""

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
    """Return the commands of the instructions, entry points joined with their commands."""
    from catflap.audit.containers.image import Recipe

    found = Gathered(path)
    if mentions(passage.text):
        Recipe(passage, surroundings, found).read()
    return found.reading()
