"""Commands within data: settings named like commands, argument vectors, containers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit import argv
from catflap.audit.command import Argument, Reading
from catflap.audit.sources import shell
from catflap.audit.text.bridges import begins_command, bridges
from catflap.audit.text.data import Value, find, strings
from catflap.audit.text.data_containers import container
from catflap.audit.text.lines import mentions
from catflap.audit.text.templates import hole, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("commands_of", "filled", "vector")

_COMMAND = re.compile(
    r"command|commands|cmd|cmds|cmdline|run|script|scripts|exec|execute|entrypoint|program|argv|"
    r"shell|start|stop|task|tasks|args|executable|runtimeexecutable|path|before|after|"
    r".*[-_.:]?(?:command|commands|cmd|script|exec|entrypoint)"
    r"|(?:pre|post|on)[-_]?(?:start|stop|up|down|run|install|create|attach|launch|build|test)\w*",
    re.IGNORECASE,
)
_PARENT = re.compile(
    r"scripts?|tasks?|commands?|aliases|processes|programs|jobs|.*[-_]?(?:commands?|scripts|hooks)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(
    r"\$\{\{.{0,300}?\}\}|\$\{(?:localEnv|containerEnv|env|input|config|command|\w*[wW]orkspace\w*|"
    r"file\w*|userHome|pathSeparator)\b[^{}]*\}|\{\{.{0,300}?\}\}",
    re.DOTALL,
)
_PROGRAMS = (
    *("command", "program", "path", "cmd", "executable", "runtimeExecutable"),
    *("exec", "exe", "bin", "binary", "tool", "process"),
)
"""Names under which a program stands beside its arguments."""

_IN_VECTOR = re.compile(r"\$\{[^{}]*\}|\$\([A-Za-z_]\w*\)|\{\{.{0,300}?\}\}", re.DOTALL)
_DEEPEST = 64


def commands_of(
    value: Value, surroundings: Surroundings, path: str, names: tuple[str, ...] = ()
) -> Iterator[Reading]:
    """Give the commands of a value and of all that it holds.

    Args:
        value: where to look.
        surroundings: where it runs, as far as what holds it shows.
        path: the file's.
        names: the keys that lead here, the nearest last.
    """
    if len(names) > _DEEPEST or not mentions(value.text):
        return
    if value.is_table:
        yield from _table(value, surroundings, path, names)
    elif value.is_list:
        yield from _list(value, surroundings, path, names)
    elif value.passage is not None and _is_command(names):
        yield _script(value.passage, surroundings, path)


def _is_command(names: tuple[str, ...]) -> bool:
    """Whether what stands under these keys is a command."""
    if not names:
        return False
    if _COMMAND.fullmatch(names[-1]):
        return True
    return len(names) > 1 and _PARENT.fullmatch(names[-2]) is not None


def _script(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    text = rewrite(passage, _VARIABLE, _whole) if "{" in passage.text else passage
    reading = shell.read(text, surroundings, path)
    if begins_command(text.text):
        return reading
    return Reading(tuple(bridges(reading.commands)), reading.problems)


def _whole(inside: Passage, found: re.Match[str]) -> Passage:
    return hole(inside, found.start(), found.end())


def filled(passage: Passage) -> Passage:
    """Return a word of a vector, which no shell reads, with variables unknown."""
    return rewrite(passage, _IN_VECTOR, _whole) if set("${") & set(passage.text) else passage


def vector(values: list[Value]) -> list[Argument]:
    """Return strings as the words of a command; VS Code's may be tables with a ``value``."""
    words: list[Argument] = []
    for value in values:
        own = find(value, "value") or value
        words.extend(
            Argument(filled(each.passage).pieces(), each.span)
            for each in strings(own)
            if each.passage is not None
        )
    return words


def _run(words: list[Argument], surroundings: Surroundings) -> Reading:
    if not words:
        return Reading(())
    span = words[0].span
    for word in words[1:]:
        span = span.cover(word.span)
    return Reading(tuple(bridges(argv.commands_in(words, span, surroundings))))


def _list(
    value: Value, surroundings: Surroundings, path: str, names: tuple[str, ...]
) -> Iterator[Reading]:
    """Give the commands of a list: one vector, a command in each string, or more values."""
    items = value.items()
    first = items[0].passage if items else None
    if first is not None and not re.search(r"\s", first.text.strip()):
        reading = _run(vector(items), surroundings)
        if reading.commands:
            yield reading
            return
    for item in items:
        yield from commands_of(item, surroundings, path, names)


def _table(
    value: Value, surroundings: Surroundings, path: str, names: tuple[str, ...]
) -> Iterator[Reading]:
    """Give the commands of a table: a container, a program with its arguments, or its entries."""
    held = container(value, surroundings, vector)
    taken: set[str] = set()
    if held is not None:
        taken, words, inside = held
        yield _run(words, inside)
    else:
        for program in _PROGRAMS:
            own, rest = find(value, program), find(value, "args") or find(value, "arguments")
            if own is None or own.passage is None or rest is None or not rest.is_list:
                continue
            if re.search(r"\s", own.passage.text.strip()):
                continue
            reading = _run(vector([own, *rest.items()]), surroundings)
            if reading.commands:
                yield reading
                # "docker inspect" tells the same once more under Config.
                taken = {program.lower(), "args", "arguments", "config"}
                break
    for key, entry in value.entries():
        if key.lower() not in taken:
            yield from commands_of(entry, surroundings, path, (*names, key))
