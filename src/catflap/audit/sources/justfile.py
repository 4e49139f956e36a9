"""Recipes of just: lines for the shell, whole scripts by their first line, ``{{ }}`` followed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.command import Reading
from catflap.audit.passage import Passage
from catflap.audit.text.lines import LONGEST, between, broken, glue, line_places, mentions
from catflap.audit.text.references import References
from catflap.audit.text.scripts import read_script
from catflap.audit.text.templates import hole, rewrite

if TYPE_CHECKING:
    from catflap.audit.command import Command
    from catflap.core.spans import Problem
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_STRING = r"\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''.*?'''|\"(?:[^\"\\]|\\.)*\"|'[^']*'"
_ASSIGNMENT = re.compile(
    rf"(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=[ \t]*(?:({_STRING})|"
    rf"(?:env_var_or_default|env)\([^,()\n]*,[ \t]*({_STRING})[ \t]*\))[ \t]*(?:#.*)?\Z",
    re.DOTALL,
)
_ANY_ASSIGNMENT = re.compile(r"(?:export[ \t]+|alias[ \t]+|set[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=")
_HEADER = re.compile(r"@?([A-Za-z_][\w-]*)((?:[^:\n'\"]|\"[^\"\n]*\"|'[^'\n]*')*):(?!=)")
_PARAMETER = re.compile(
    rf"[*+$]*([A-Za-z_][\w-]*)[ \t]*(?:=[ \t]*({_STRING}|[^\s'\"]+))?", re.DOTALL
)
_INTERPOLATION = re.compile(r"\{\{\{\{|\{\{((?:[^{}\"']|\"[^\"]*\"|'[^']*')*)\}\}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that the recipes of a justfile run."""
    if not mentions(passage.text):
        return Reading(())
    found: list[Command] = []
    problems: list[Problem] = []
    variables = _variables(passage)
    for header, body, whole in _recipes(passage):
        if not body or not _is_wanted(passage, body, variables):
            continue
        known = variables | _parameters(passage, header)
        references = References()
        if max(end - start for start, end in body) > LONGEST:
            problems.append(broken(passage, *header, "this recipe is too long to be a command"))
            continue
        indent = min(_indent(passage.text, *place) for place in body)
        lines = [
            _filled(passage.part(start + indent, end), known, references) for start, end in body
        ]
        for script in _scripts(lines, whole=whole):
            if len(script.text) > LONGEST:
                problems.append(broken(script, 0, 0, "this recipe is too long to be a command"))
                continue
            reading = read_script(script, surroundings, path)
            found.extend(references.settle(reading.commands))
            problems.extend(reading.problems)
    return Reading(tuple(found), tuple(problems))


def _is_wanted(
    passage: Passage, body: list[tuple[int, int]], variables: dict[str, Passage | None]
) -> bool:
    if any(mentions(passage.text[start:end]) for start, end in body):
        return True
    return any(value is not None and mentions(value.text) for value in variables.values())


def _indent(text: str, start: int, end: int) -> int:
    return len(text[start:end]) - len(text[start:end].lstrip())


def _variables(passage: Passage) -> dict[str, Passage | None]:
    """Return what the file assigns; ``None`` for what it works out or assigns twice."""
    variables: dict[str, Passage | None] = {}
    for start, end in line_places(passage.text):
        text = passage.text[start:end]
        if text[:1] in {" ", "\t", "#", ""}:
            continue
        any_kind = _ANY_ASSIGNMENT.match(text)
        if any_kind is None:
            continue
        found = _ASSIGNMENT.match(text)
        group = 0 if found is None else (2 if found[2] is not None else 3)
        value = None
        if found is not None and any_kind[1] not in variables:
            value = _string(passage.part(start + found.start(group), start + found.end(group)))
        variables[any_kind[1]] = value
    return variables


def _string(written: Passage) -> Passage:
    """Return what a string says; double quotes know escapes."""
    text = written.text
    if text[:1] not in {"'", '"'}:
        return written
    width = 3 if text[:3] in {'"""', "'''"} and len(text) >= 6 else 1
    inner = written.part(width, len(text) - width)
    if text[0] == "'" or "\\" not in inner.text:
        return inner

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        return between(inside, _ESCAPES.get(found[1], found[1]), found.start(), found.end())

    return rewrite(inner, _ESCAPE, meaning)


def _parameters(passage: Passage, header: tuple[int, int]) -> dict[str, Passage | None]:
    """Return the parameters of a recipe with their defaults, which hold unless told otherwise."""
    known: dict[str, Passage | None] = {}
    for found in _PARAMETER.finditer(passage.text, *header):
        default = None
        if found[2] is not None:
            default = _string(passage.part(found.start(2), found.end(2)))
        known[found[1]] = default
    return known


def _recipes(
    passage: Passage,
) -> list[tuple[tuple[int, int], list[tuple[int, int]], bool]]:
    """Return for each recipe the place of its parameters, its lines, and whether it is a script."""
    text = passage.text
    found: list[tuple[tuple[int, int], list[tuple[int, int]], bool]] = []
    scripted, open_recipe = False, False
    for start, end in line_places(text):
        first = text[start : start + 1]
        if first in {" ", "\t"} and end > start:
            if open_recipe and text[start:end].strip():
                found[-1][1].append((start, end))
            continue
        if first == "[":
            scripted = "script" in text[start:end]
        header = _HEADER.match(text, start, end)
        if header is not None:
            found.append(((header.start(2), header.end(2)), [], scripted))
            scripted = False
        if start < end and first not in "#[":
            open_recipe = header is not None
    return found


def _scripts(lines: list[Passage], *, whole: bool) -> list[Passage]:
    """Return what the shell gets: each line, or all of them when the first names a program."""
    if whole or (lines and lines[0].text.startswith("#!")):
        return [_stacked(lines)]
    scripts: list[Passage] = []
    pending: list[Passage] = []
    for line in lines:
        flags = 0
        while not pending and line.text[flags : flags + 1] in {"@", "-"}:
            flags += 1
        pending.append(line.part(flags, len(line.text)))
        if not line.text.endswith("\\"):
            scripts.append(_stacked(pending))
            pending = []
    return [*scripts, _stacked(pending)] if pending else scripts


def _stacked(lines: list[Passage]) -> Passage:
    parts: list[Passage] = []
    for line in lines:
        after = line.end(len(line.text) - 1) if line.text else line.start(0)
        parts.extend((line, Passage("\n", [after], [after])))
    return glue(parts[:-1])


def _filled(line: Passage, known: dict[str, Passage | None], references: References) -> Passage:
    """Return a line with its interpolations followed or unknown."""
    if "{{" not in line.text:
        return line

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        if found[1] is None:
            return between(inside, "{{", found.start(), found.end())
        value = known.get(found[1].strip())
        if value is None:
            return hole(inside, found.start(), found.end())
        return references.follow(inside, found.start(), found.end(), value)

    return rewrite(line, _INTERPOLATION, meaning)
