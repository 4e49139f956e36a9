"""Tables that are near to INI files: Procfile, inittab(5), xinetd.conf(5), inetd.conf(5)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit import argv
from catflap.audit.command import Reading
from catflap.audit.sources import shell
from catflap.audit.text.lines import line_places, mentions
from catflap.audit.text.templates import jinja
from catflap.audit.text.words import blank_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.command import Argument, Command
    from catflap.audit.passage import Passage
    from catflap.core.spans import Problem, Span
    from catflap.core.surroundings import Surroundings

__all__ = ("read_inetd", "read_inittab", "read_procfile", "read_xinetd")

_PROCESS = re.compile(r"[ \t]*([A-Za-z0-9_-]+)[ \t]*:[ \t]*")
_INITTAB = re.compile(r"[ \t]*([^:#\s]*):([^:]*):([a-z]+):[+-]?")
_SERVICE = re.compile(r"^[ \t]*(?:service[ \t]+(\S+)|defaults)\s*\{([^{}]*)\}", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^[ \t]*(\w+)[ \t]*[-+]?=[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)


def read_procfile(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of a Procfile: ``web: socat ...``, each for a shell."""
    return _lines(passage, surroundings, path, _PROCESS)


def read_inittab(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the processes of init, which runs them as root; ``off`` is not run."""
    return _lines(passage, replace(surroundings, user="root"), path, _INITTAB)


def _lines(
    passage: Passage, surroundings: Surroundings, path: str, front: re.Pattern[str]
) -> Reading:
    found: list[Command] = []
    problems: list[Problem] = []
    for start, end in line_places(passage.text):
        begins = front.match(passage.text, start, end)
        if begins is None or not mentions(passage.text[start:end]):
            continue
        if front is _INITTAB and begins[3] == "off":
            continue
        reading = shell.read(jinja(passage.part(begins.end(), end)), surroundings, path)
        found.extend(reading.commands)
        problems.extend(reading.problems)
    return Reading(tuple(found), tuple(problems))


def read_xinetd(passage: Passage, surroundings: Surroundings) -> Reading:
    """Return what xinetd starts for each connection: ``server`` with ``server_args``."""
    found: list[Command] = []
    for service in _SERVICE.finditer(passage.text):
        if mentions(service[2]):
            found.extend(_service(passage, service.start(2), service.end(2), surroundings))
    return Reading(tuple(found))


def _service(passage: Passage, start: int, end: int, outer: Surroundings) -> Iterator[Command]:
    settings: dict[str, Passage] = {}
    for line in _ATTRIBUTE.finditer(passage.text, start, end):
        settings[line[1]] = passage.part(line.start(2), line.end(2))
    if "disable" in settings and settings["disable"].text == "yes":
        return
    words: list[Argument] = []
    for name in ("server", "server_args"):
        if name in settings:
            words.extend(blank_words(settings[name]))
    user = settings["user"].text if "user" in settings else outer.user
    if words:
        yield from argv.commands_in(words, _cover(words), replace(outer, user=user))


def _cover(words: list[Argument]) -> Span:
    span = words[0].span
    for word in words[1:]:
        span = span.cover(word.span)
    return span


def read_inetd(passage: Passage, surroundings: Surroundings) -> Reading:
    """Return what inetd starts: the seventh word is what the program gets as its name."""
    found: list[Command] = []
    for start, end in line_places(passage.text):
        text = passage.text[start:end]
        if text.lstrip().startswith("#") or not mentions(text):
            continue
        words = blank_words(passage.part(start, end))
        if len(words) < 7:
            continue
        vector = [words[5], *words[7:]]
        around = replace(surroundings, user=re.split("[:.]", words[4].text)[0])
        found.extend(argv.commands_in(vector, _cover(vector), around))
    return Reading(tuple(found))
