"""The lines of a Makefile: assignments, rules, recipes, definitions (GNU make, section 3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catflap.audit.text.lines import line_places

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Assignment", "Makefile", "closing", "read_makefile")

_ASSIGNMENT = re.compile(
    r"[ ]*(?:(?:export|override|private)[ \t]+)*([^\s:#=+?!$(){}]+)[ \t]*"
    r"(::?:?=|\?=|\+=|!=|=)[ \t]*"
)
_TARGET_ASSIGNMENT = re.compile(
    r"[^\n#]*?:[ \t]*(?:(?:export|override|private)[ \t]+)*"
    r"([^\s:#=+?!$(){}]+)[ \t]*(::?:?=|\?=|\+=|!=|=)"
)
_BRACKETS = {"(": re.compile("[()]"), "{": re.compile("[{}]")}
_DEFINE = re.compile(r"[ ]*(?:(?:override|export)[ \t]+)*define[ \t]+([^\s=:?+]+)")
_ENDEF = re.compile(r"[ \t]*endef\b")
_PREFIX = re.compile(r"[ ]*\.RECIPEPREFIX[ \t]*:?=[ \t]*(\S?)")
_CONDITIONAL = re.compile(r"[ \t]*(ifdef|ifndef|ifeq|ifneq|else|endif|include|-include|sinclude)\b")
_NESTS = {"ifdef": 1, "ifndef": 1, "ifeq": 1, "ifneq": 1, "endif": -1}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A variable's line: how it is assigned, and where its value stands."""

    operator: str
    start: int
    end: int
    conditional: bool = False
    """Whether it stands between ``ifeq`` and ``endif``, so that it may not hold."""


@dataclass(slots=True)
class Makefile:
    """A Makefile taken apart; all places are within its text.

    Args:
        variables: every assignment of each name.
        recipes: the lines of each rule's recipe: places after the prefix character, lines that
            go on with a backslash in one place.
        prefix: what begins a line of a recipe.
        one_shell: whether a recipe is one script.
        shells: places of values that are run at once (``!=``).
    """

    variables: dict[str, list[Assignment]] = field(default_factory=dict)
    recipes: list[list[tuple[int, int]]] = field(default_factory=list)
    prefix: str = "\t"
    one_shell: bool = False
    shells: list[tuple[int, int]] = field(default_factory=list)
    conditions: int = 0


def read_makefile(text: str) -> Makefile:
    """Return the parts of a Makefile; lines that are none are left out."""
    made = Makefile()
    in_rule = False
    definition: list[tuple[int, int]] | None = None
    for start, end in _logical(text):
        if definition is not None:
            if _ENDEF.match(text, start, end):
                definition = None
            else:
                begin = start + 1 if text.startswith(made.prefix, start) else start
                definition.append((begin, end))
            continue
        if in_rule and text.startswith(made.prefix, start):
            made.recipes[-1].append((start + 1, end))
            continue
        if text[start:end].lstrip().startswith("#") or not text[start:end].strip():
            continue
        defined = _DEFINE.match(text, start, end)
        if defined is not None:
            definition = []
            made.recipes.append(definition)
            # Its value has lines, and is read where it is defined.
            made.variables.setdefault(defined[1], []).append(Assignment("define", end, end))
            continue
        in_rule = _line(text, start, end, made, in_rule=in_rule)
    return made


def _line(text: str, start: int, end: int, made: Makefile, *, in_rule: bool) -> bool:
    """Take in one line outside recipes; return whether recipe lines may follow."""
    word = _CONDITIONAL.match(text, start, end)
    if word is not None:
        made.conditions = max(0, made.conditions + _NESTS.get(word[1], 0))
        return in_rule
    prefix = _PREFIX.match(text, start, end)
    if prefix is not None:
        made.prefix = prefix[1] or "\t"
        return in_rule
    found = _ASSIGNMENT.match(text, start, end)
    if found is not None:
        stop = _without_comment(text, found.end(), end)
        given = Assignment(found[2], found.end(), stop, made.conditions > 0)
        made.variables.setdefault(found[1], []).append(given)
        if found[2] == "!=":
            made.shells.append((found.end(), stop))
        return in_rule
    found = _TARGET_ASSIGNMENT.match(text, start, end)
    if found is not None:
        made.variables.setdefault(found[1], []).append(Assignment("target", end, end))
        made.recipes.append([])
        return True
    colon = text.find(":", start, end)
    if colon < 0:
        return in_rule
    if text[start:colon].strip() == ".ONESHELL":
        made.one_shell = True
    made.recipes.append([])
    semicolon = text.find(";", colon, end)
    if semicolon >= 0 and "#" not in text[colon:semicolon]:
        made.recipes[-1].append((semicolon + 1, end))
    return True


def _without_comment(text: str, start: int, end: int) -> int:
    """Return where a value ends: before a ``#`` without a backslash, blanks left out."""
    at = text.find("#", start, end)
    while at > start and text[at - 1] == "\\":
        at = text.find("#", at + 1, end)
    stop = end if at < 0 else at
    while stop > start and text[stop - 1] in " \t":
        stop -= 1
    return stop


def _logical(text: str) -> Iterator[tuple[int, int]]:
    """Give the places of lines, those that go on with a backslash in one."""
    begin: int | None = None
    for start, end in line_places(text):
        first = start if begin is None else begin
        slashes = len(text[start:end]) - len(text[start:end].rstrip("\\"))
        if slashes % 2:
            begin = first
            continue
        begin = None
        yield first, end
    if begin is not None:
        yield begin, len(text)


def closing(text: str, at: int, end: int) -> int:
    """Return where the bracket that opens at ``at`` is closed, or -1."""
    opening, depth = text[at], 0
    for found in _BRACKETS[opening].finditer(text, at, end):
        depth += 1 if found[0] == opening else -1
        if not depth:
            return found.start()
    return -1
