"""Units of systemd, their drop-ins, and containers of Quadlet.

systemd.syntax(7), systemd.service(5), systemd.exec(5), podman-systemd.unit(5).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.command import Command, Reading
from catflap.audit.text.lines import LONGEST, broken, mentions
from catflap.audit.units.exec_line import commands
from catflap.audit.units.quadlet import read_container
from catflap.audit.units.settings import Unit, read_unit
from catflap.audit.units.surroundings import environment, surroundings_of

if TYPE_CHECKING:
    from catflap.audit.passage import Passage
    from catflap.core.spans import Problem
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_EXECUTES = re.compile(
    r"Exec(Start|StartPre|StartPost|Condition|Reload|ReloadPost|Stop|StopPre|StopPost)"
)
_SECTIONS = ("Service", "Socket", "Mount", "Swap")


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a unit; lines that a later empty one resets are not run."""
    if not mentions(passage.text):
        return Reading(())
    unit = read_unit(passage)
    found: list[Command] = []
    problems: list[Problem] = list(unit.problems)
    for section in _SECTIONS:
        if section in unit.sections:
            found.extend(_service(unit, section, surroundings, path, problems))
    if "Container" in unit.sections:
        found.extend(read_container(unit, surroundings, path))
    found.sort(key=lambda command: command.span)
    return Reading(tuple(found), tuple(problems))


def _service(
    unit: Unit, section: str, outer: Surroundings, path: str, problems: list[Problem]
) -> list[Command]:
    around = surroundings_of(unit, section, outer, path)
    known = environment(unit, section)
    found: list[Command] = []
    for name in dict.fromkeys(key for key, _ in unit.sections[section]):
        if _EXECUTES.fullmatch(name) is None:
            continue
        for value in unit.values(section, name):
            if len(value.text) > LONGEST:
                problems.append(broken(value, 0, 1, "this line is too long to be a command"))
                continue
            found.extend(commands(value, known, around))
    return found
