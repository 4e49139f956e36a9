"""Makefiles: recipes, definitions, ``!=`` and ``$(shell ...)``, variables followed.

A reader of its own, because a recipe must reach the shell with ``$$`` as ``$`` and with the places
of what variables hold, which no grammar's tree tells.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from catflap.audit.command import Reading
from catflap.audit.passage import Passage
from catflap.audit.sources import shell
from catflap.audit.text.lines import LONGEST, between, broken, glue, mentions
from catflap.audit.text.make_lines import closing, read_makefile
from catflap.audit.text.references import References
from catflap.audit.text.templates import hole
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.audit.command import Command
    from catflap.audit.text.make_lines import Assignment, Makefile
    from catflap.core.spans import Problem
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_DEEPEST = 8
_LONGEST_VALUE = 4096
_MOST_CALLS = 500
_MOST_FOLLOWED = 200_000
"""Characters that following references may add to one file; a file can make them grow at will."""

_RECIPE_FLAGS = re.compile(r"[ \t]*[@+-][@+ \t-]*|[ \t]+")
_CONTINUED = re.compile(r"[ \t]*\\\r?\n[ \t]*")
_LOOKED_UP = re.compile(
    r"\s*shell\s+(?:(?:command|type)\s+-[vpP]|which(?:\s+-\w+)?)\s+([\w./+-]+)"
    r"(?:\s*2?&?>+\s*\S+|\s*\|\|[^)]*)*\s*"
)
_CALLED = re.compile(r"call[ \t]+([^\s,(){}$]+)[ \t]*,(.*)", re.DOTALL)
_EACH = re.compile(r"foreach[ \t]+[^,]{1,60},[^,]{1,2000},")
_ARGUMENT = re.compile(r"(?:[^,()]|\([^()]*\))*")
_HELD = re.compile(r"\$[({]\w*(?:socat|catflap)\w*[)}]", re.IGNORECASE | re.ASCII)
_MOST_WAYS = 4
_SHELL_CALL = re.compile(r"\$[({]shell[ \t]+")


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a Makefile's shells run."""
    if not mentions(passage.text):
        return Reading(())
    reader = _Reader(passage, read_makefile(passage.text))
    found: list[Command] = []
    problems: list[Problem] = []
    for script, sure in reader.scripts():
        if len(script.text) > LONGEST:
            problems.append(broken(script, 0, 1, "this recipe is too long to be a command"))
            continue
        reading = shell.read(script, surroundings, path)
        found.extend(
            replace(command, confidence=min(command.confidence, sure))
            for command in reader.references.settle(reading.commands)
        )
        problems.extend(reading.problems)
    found.sort(key=lambda command: command.span)
    return Reading(tuple(found), tuple(problems))


class _Reader:
    """One Makefile, its variables, and the references that were followed."""

    def __init__(self, passage: Passage, made: Makefile) -> None:
        self._passage = passage
        self._made = made
        self._values: dict[str, Passage | None] = {}
        self._carriers: set[str] | None = None
        self._followed = 0
        self._calls = 0
        self._several = 1
        self._ways_of: dict[str, int] = {}
        self._pick: int | None = None
        self.references = References()

    def scripts(self) -> Iterator[tuple[Passage, Confidence]]:
        """Give each text that a shell gets, if a relay may be named in it, and how sure it is.

        Where branches of ``ifeq`` give a variable several values, the text comes once for each.
        """
        text = self._passage.text
        for recipe in self._made.recipes:
            wanted = [place for place in recipe if self._is_wanted(*place)]
            if wanted and self._made.one_shell:
                yield from self._ways(partial(self._whole, recipe))
                continue
            for place in wanted:
                yield from self._ways(partial(self._recipe_line, *place))
        for start, end in self._made.shells:
            if self._is_wanted(start, end):
                yield from self._ways(partial(self._expand, self._passage.part(start, end), 0))
        for call in islice(_SHELL_CALL.finditer(text), _MOST_CALLS):
            end = closing(text, call.start() + 1, min(len(text), call.end() + _LONGEST_VALUE))
            if end > 0 and self._is_wanted(call.end(), end):
                part = self._passage.part(call.end(), end)
                yield from self._ways(partial(self._expand, part, 0))

    def _ways(self, make: Callable[[], Passage]) -> Iterator[tuple[Passage, Confidence]]:
        self._several = 1
        whole = make()
        count = min(self._several, _MOST_WAYS)
        if count < 2:
            yield whole, Confidence.HIGH
            return
        kept, self._values = self._values, {}
        for self._pick in range(count):
            self._values = {}
            yield make(), Confidence.MEDIUM
        self._pick, self._values = None, kept

    def _whole(self, recipe: list[tuple[int, int]]) -> Passage:
        lines = [self._recipe_line(*place) for place in recipe]
        return glue([part for line in lines for part in (line, self._newline(line))])

    @staticmethod
    def _newline(line: Passage) -> Passage:
        at = line.end(len(line.text) - 1) if line.text else line.start(0)
        return Passage("\n", [at], [at])

    def _is_wanted(self, start: int, end: int) -> bool:
        """Whether a stretch names a relay, itself or by a variable."""
        text = self._passage.text[start:end]
        if mentions(text) or _HELD.search(text):
            return True
        if self._carriers is None:
            self._carriers = self._find_carriers()
        if not self._carriers or "$" not in text:
            return False
        return any(name in text for name in self._carriers)

    def _find_carriers(self) -> set[str]:
        """Return the variables whose values name a relay, or another such variable."""
        carriers: set[str] = set()
        text = self._passage.text
        for _ in range(_DEEPEST):
            more = {
                name
                for name, assigned in self._made.variables.items()
                if name not in carriers
                for one in assigned
                if mentions(text[one.start : one.end])
                or any(carrier in text[one.start : one.end] for carrier in carriers)
            }
            if not more:
                break
            carriers |= more
        return carriers

    def _recipe_line(self, start: int, end: int) -> Passage:
        """Return a line of a recipe as the shell gets it, one that is far too long as it is."""
        text = self._passage.text
        if end - start > LONGEST:
            return self._passage.part(start, end)
        flags = _RECIPE_FLAGS.match(text, start, end)
        parts: list[Passage] = []
        at = flags.end() if flags else start
        # The shell sees the backslash and the line end, but not the prefix of the next line.
        marker = "\n" + self._made.prefix
        while (found := text.find(marker, at, end)) >= 0:
            parts.append(self._passage.part(at, found + 1))
            at = found + len(marker)
        parts.append(self._passage.part(at, end))
        return self._expand(glue(parts), 0)

    def _expand(self, passage: Passage, depth: int) -> Passage:
        """Return it with references followed where they can be, and unknown where not."""
        text = passage.text
        at = text.find("$")
        if at < 0:
            return passage
        parts: list[Passage] = []
        done = 0
        while 0 <= at < len(text) - 1:
            parts.append(passage.part(done, at))
            done = self._reference(passage, at, depth, parts)
            at = text.find("$", done)
        parts.append(passage.part(done, len(text)))
        return glue(parts)

    def _reference(self, passage: Passage, at: int, depth: int, parts: list[Passage]) -> int:
        """Add what a dollar sign stands for; return where its reference ends."""
        text, char = passage.text, passage.text[at + 1]
        if char == "$":
            parts.append(between(passage, "$", at, at + 2))
            return at + 2
        end, name = at + 2, char
        value: Passage | None = None
        if char in "({":
            last = closing(text, at + 1, len(text))
            if last < 0:
                parts.append(hole(passage, at, len(text)))
                return len(text)
            end, name = last + 1, text[at + 2 : last].strip()
            looked_up = _LOOKED_UP.fullmatch(text, at + 2, last)
            called = _CALLED.fullmatch(text, at + 2, last)
            if looked_up is not None:
                value = passage.part(*looked_up.span(1))
            elif called is not None:
                value = self._called(called[1], passage.part(*called.span(2)), depth)
            elif (each := _EACH.match(text, at + 2, last)) is not None and depth < _DEEPEST:
                # ``$(foreach p,80 81,socat ... &)``: once, of a name that is not known.
                value = self._expand(passage.part(each.end(), last), depth + 1)
        if value is None:
            value = self._value(name, depth)
        self._followed += len(value.text) if value is not None else 0
        if value is None or self._followed > _MOST_FOLLOWED:
            parts.append(hole(passage, at, end))
        elif depth:
            parts.append(value)
        else:
            parts.append(self.references.follow(passage, at, end, value))
        return end

    def _called(self, name: str, arguments: Passage, depth: int) -> Passage | None:
        """Return what ``$(call NAME,...)`` makes of a variable whose value names ``$(1)``."""
        self._calls += 1
        if depth >= _DEEPEST or self._calls > _MOST_CALLS:
            return None
        given: dict[str, Passage | None] = {}
        at = 0
        while at <= len(arguments.text):
            found = _ARGUMENT.match(arguments.text, at)
            end = found.end() if found is not None else len(arguments.text)
            given[str(len(given) + 1)] = self._expand(arguments.part(at, end), depth + 1)
            at = end + 1
        outside, self._values = self._values, {**self._values, **given}
        try:
            return self._assigned(name, depth)
        finally:
            self._values = outside

    def _value(self, name: str, depth: int) -> Passage | None:
        """Return a variable's value when the file gives one and no other."""
        if name in self._values:
            self._several = max(self._several, self._ways_of.get(name, 1))
            return self._values[name]
        if depth >= _DEEPEST:
            return None
        # While it is looked up it is unknown, so that one that names itself ends.
        self._values[name] = None
        outside, self._several = self._several, 1
        value = self._assigned(name, depth)
        if value is not None and len(value.text) > _LONGEST_VALUE:
            value = None
        self._values[name] = value
        self._ways_of[name] = self._several
        self._several = max(outside, self._several)
        return value

    def _assigned(self, name: str, depth: int) -> Passage | None:
        chains = _chains(self._made.variables.get(name, []))
        if len(chains) > 1 and self._pick is None:
            self._several = max(self._several, len(chains))
            return None
        if not chains:
            return None
        parts: list[Passage] = []
        for one in chains[(self._pick or 0) % len(chains)]:
            value = self._joined(self._passage.part(one.start, one.end))
            if parts:
                parts.append(Passage(" ", [value.start(0)], [value.start(0)]))
            parts.append(self._expand(value, depth + 1))
        return glue(parts)

    @staticmethod
    def _joined(value: Passage) -> Passage:
        """Return a value, each backslash with its line end one blank."""
        parts: list[Passage] = []
        at = 0
        for found in _CONTINUED.finditer(value.text):
            parts.extend(
                (value.part(at, found.start()), between(value, " ", found.start(), found.end()))
            )
            at = found.end()
        parts.append(value.part(at, len(value.text)))
        return glue(parts)


def _chains(assigned: list[Assignment]) -> list[list[Assignment]]:
    """Return what a variable may hold at the end: each an assignment with what is added to it."""
    live: list[list[Assignment]] = []
    for one in assigned:
        if one.operator in {"!=", "define", "target"}:
            return []
        if one.operator == "+=" and live:
            added = [[*chain, one] for chain in live]
            live = [*live, *added] if one.conditional else added
        elif one.operator != "?=" or not live:
            live = [*live, [one]] if one.conditional else [[one]]
        live = live[:_MOST_WAYS]
    return live
