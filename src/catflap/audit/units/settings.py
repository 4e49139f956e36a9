"""The lines of a unit: sections, settings, continuations (systemd.syntax(7))."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catflap.audit.text.lines import between, broken, glue, line_places, stripped
from catflap.audit.text.templates import autoconf, jinja

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.passage import Passage
    from catflap.core.spans import Problem

__all__ = ("Unit", "is_true", "logical_lines", "read_unit")

_MOST_PARTS = 2000


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as far as it could be read.

    Args:
        sections: name and value of each setting, in their order, by section.
        problems: lines that are no settings.
    """

    sections: dict[str, list[tuple[str, Passage]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def values(self, section: str, name: str) -> list[Passage]:
        """Return all values of a setting; an empty one takes away those before it."""
        found: list[Passage] = []
        for key, value in self.sections.get(section, ()):
            if key == name:
                if value.text.strip():
                    found.append(value)
                else:
                    found.clear()
        return found

    def value(self, section: str, name: str) -> str:
        """Return the last value of a setting, or nothing."""
        found = self.values(section, name)
        return found[-1].text.strip() if found else ""

    def known(self, section: str, name: str) -> bool:
        """Whether a setting is there and its last value has no unknown part."""
        found = self.values(section, name)
        return bool(found) and not found[-1].holes and "%" not in found[-1].text


def is_true(value: str) -> bool:
    """Whether systemd takes a value for a yes."""
    return value.lower() in {"1", "yes", "y", "true", "t", "on"}


def read_unit(passage: Passage) -> Unit:
    """Return the settings of a unit; what is no setting is told and left out."""
    unit = Unit()
    section = ""
    for line in logical_lines(passage):
        text = line.text.strip()
        if text.startswith("["):
            section = text[1 : text.find("]")] if "]" in text else text[1:]
            unit.sections.setdefault(section, [])
            continue
        equals = line.text.find("=")
        if equals < 0:
            if not text.startswith(("{%", "{#", "{{", "<%")):
                unit.problems.append(
                    broken(line, 0, len(line.text), "this line of a unit is no setting")
                )
            continue
        start, end = stripped(line.text, equals + 1, len(line.text))
        value = autoconf(jinja(line.part(start, end)))
        # A drop-in or an excerpt without a header is nearly always about a service.
        unit.sections.setdefault(section or "Service", []).append(
            (line.text[:equals].strip(), value)
        )
    return unit


def logical_lines(passage: Passage) -> Iterator[Passage]:
    """Give the lines, continued ones joined by a blank, comments left out (within them too)."""
    text = passage.text
    parts: list[Passage] = []
    for start, end in line_places(text):
        begin, _ = stripped(text, start, end)
        if begin == end:
            if parts:
                yield glue(parts)
                parts = []
            continue
        if text[begin] in "#;":
            continue
        if text[end - 1] == "\\":
            parts.append(passage.part(start, end - 1))
            parts.append(between(passage, " ", end - 1, min(end + 1, len(text))))
            # Somebody's end of a file that only goes on and on.
            if len(parts) > _MOST_PARTS:
                yield glue(parts)
                parts = []
            continue
        parts.append(passage.part(start, end))
        yield glue(parts)
        parts = []
    if parts:
        yield glue(parts)
