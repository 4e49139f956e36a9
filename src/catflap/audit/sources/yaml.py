"""Other YAML: whatever its keys say is run."""

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
    """Return the commands under keys that most likely are run, and files within the file."""
    from catflap.audit.pipelines.anything import Walker

    if not mentions(passage.text):
        return Gathered(path).reading()
    found = Gathered(path)
    text = passage
    if "{{" in passage.text:
        from catflap.audit.yaml.templates import jinja

        text = jinja(passage, {}, found.references)
    for value in found.stream(text, surroundings):
        Walker(found, surroundings).walk(value)
    return found.reading()
