"""A command line of systemd: prefixes, words, specifiers, variables (systemd.service(5))."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit import argv
from catflap.audit.command import Argument
from catflap.audit.text.lines import between, mentions
from catflap.audit.text.templates import hole, rewrite
from catflap.audit.text.words import SYSTEMD, Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catflap.audit.command import Command
    from catflap.audit.passage import Passage
    from catflap.core.spans import Span
    from catflap.core.surroundings import Surroundings

__all__ = ("commands", "without_specifiers")

_PREFIXES = re.compile(r"[-@:+!|]*")
_SPECIFIER = re.compile(r"%[%A-Za-z]")
_VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WHOLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


def commands(
    line: Passage, known: Mapping[str, Passage], surroundings: Surroundings
) -> Iterator[Command]:
    """Give the relay commands of one ``ExecStart=`` or its kin.

    Args:
        line: the value.
        known: what ``Environment=`` sets.
        surroundings: those of the unit.
    """
    if not mentions(line.text) and not any(mentions(value.text) for value in known.values()):
        return
    single: list[Token] = []
    for token in tokens(line, SYSTEMD):
        if token.raw == ";":
            yield from _single(single, known, surroundings)
            single = []
        else:
            single.append(token)
    yield from _single(single, known, surroundings)


def _single(
    line: list[Token], known: Mapping[str, Passage], surroundings: Surroundings
) -> Iterator[Command]:
    """Give the relay commands of what stands between two semicolons."""
    if not line:
        return
    found = _PREFIXES.match(line[0].passage.text)
    width = found.end() if found else 0
    prefixes = line[0].passage.text[:width]
    program = line[0].passage.part(width, len(line[0].passage.text))
    rest = line[1:]
    if not program.text:
        if not rest:
            return
        program, rest = rest[0].passage, rest[1:]
    # "@": the word after the path is what the program gets as argv[0].
    if "@" in prefixes:
        rest = rest[1:]
    if "+" in prefixes or "!" in prefixes.replace("!!", ""):
        surroundings = replace(surroundings, user="root")
    first = _filled(program, {} if ":" in prefixes else known)
    words = [Argument(first.pieces(), program.span(0, len(program.text)))]
    for token in rest:
        words.extend(_words(token, known, plain=":" in prefixes))
    span = words[0].span.cover(line[-1].span)
    yield from argv.commands_in(words, span, surroundings)


def _words(token: Token, known: Mapping[str, Passage], *, plain: bool) -> Iterator[Argument]:
    """Give what a word becomes: ``$NAME`` alone becomes as many as its value has."""
    if token.raw == r"\;":
        yield Argument(between(token.passage, ";", 0, len(token.passage.text)).pieces(), token.span)
        return
    passage = without_specifiers(token.passage)
    if plain:
        yield Argument(passage.pieces(), token.span)
        return
    whole = _WHOLE.fullmatch(passage.text)
    if whole is None:
        yield Argument(_filled(passage, known).pieces(), token.span)
    elif whole[1] in known:
        for part in tokens(known[whole[1]], SYSTEMD):
            yield Argument(part.passage.pieces(), _at(part, token.span))
    else:
        yield Argument(hole(passage, 0, len(passage.text)).pieces(), token.span)


def _at(part: Token, reference: Span) -> Span:
    """Return where a word of a value is written: the value's place, where it has one."""
    return part.span if part.raw else reference


def without_specifiers(passage: Passage) -> Passage:
    """Return it with ``%i`` and the like unknown, and ``%%`` one percent sign."""
    if "%" not in passage.text:
        return passage

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        if found[0] == "%%":
            return between(inside, "%", found.start(), found.end())
        return hole(inside, found.start(), found.end())

    return rewrite(passage, _SPECIFIER, meaning)


def _filled(passage: Passage, known: Mapping[str, Passage]) -> Passage:
    """Return it with ``${NAME}`` followed or unknown, and ``$$`` one dollar sign."""
    if "$" not in passage.text:
        return passage

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        if found[0] == "$$":
            return between(inside, "$", found.start(), found.end())
        value = known.get(found[1])
        return hole(inside, found.start(), found.end()) if value is None else value

    return rewrite(passage, _VARIABLE, meaning)
