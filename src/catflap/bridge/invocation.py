"""What a command of socat or catflap would do, read without running it, as far as is known."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from catflap.address.check import check, check_direction
from catflap.address.model import Address, Dual, Endpoint, Literal, Unknown, Word
from catflap.address.syntax import parse
from catflap.bridge.commandline import wanted_direction
from catflap.bridge.effective import Dialect
from catflap.bridge.limit_flags import LimitError, with_limits
from catflap.bridge.model import Acceptance, Bridge, DualSide, Flow, Limits
from catflap.bridge.run_flags import read_run_words
from catflap.bridge.side import Side
from catflap.bridge.socat_flags import (
    DEFAULT_HALF_CLOSE,
    SocatWords,
    read_socat_words,
    word_of,
)
from catflap.core.spans import Problem, Span
from catflap.core.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.bridge.flags import Flags
    from catflap.core.surroundings import Surroundings

__all__ = ("SOCAT_NAME", "Invocation", "read_invocation")

SOCAT_NAME = (
    r"socat(?:[12](?![\w.])|[-_.]?(?:x64|x86_64|x86|amd64|arm64|armhf|aarch64|i[36]86|32|64"
    r"|static|linux|musl|1\.[78]\.\d+(?:\.\d+)?|broken)(?![0-9A-Za-z]))*(?:\.(?:exe|bin))?"
)
"""The program's name as a pattern: builds that people download say for what machine they are."""

_SOCAT = re.compile(SOCAT_NAME)
_OURS = re.compile(r"catflap(\.exe)?")
_OUR_SOCAT = re.compile(r"catflap-socat(\.exe)?")
_LEAST = Limits()
_LONGEST = 4096
"""Characters of an address whose mistakes are told: each costs a search for what was meant."""

_FOLDERS = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command, read.

    Args:
        program: its name as written, without folders.
        dialect: whose language its addresses are in.
        flags: what stands in front of the addresses.
        bridge: what it would build; ``None`` when it only prints something, or when there are not
            exactly two addresses.
        problems: what the program would refuse; their places point into the source.
    """

    program: str
    dialect: Dialect
    flags: Flags
    bridge: Bridge | None
    problems: tuple[Problem, ...] = ()


def read_invocation(
    words: Sequence[Sequence[Literal | Unknown]], source: str, surroundings: Surroundings
) -> Invocation | None:
    """Read a command line, tolerantly: it never raises.

    Args:
        words: the argument vector, the program first, each word in known and unknown parts.
        source: what the places of the parts point into.
        surroundings: where it runs.

    Returns:
        What it would do, or ``None`` when it is no relay: another program, ``catflap explain``.
    """
    if not words:
        return None
    program, *rest = (word_of(word) for word in words)
    name = _name(program)
    if _SOCAT.fullmatch(name) or _OUR_SOCAT.fullmatch(name):
        dialect = Dialect.SOCAT
        read = read_socat_words(rest, source, strict=False)
    elif _OURS.fullmatch(name):
        after = _after_run(rest)
        if after is None:
            return None
        dialect = Dialect.CATFLAP
        read = read_run_words(after, source)
    else:
        return None
    return _Builder(name, dialect, read, source, surroundings).build(program)


def _name(program: Word) -> str:
    """Return the program's name without folders; one that a variable holds by that variable."""
    last = program.parts[-1] if program.parts else None
    if program.known or (isinstance(last, Literal) and _FOLDERS.search(last.text)):
        return _FOLDERS.split(program.text)[-1].lower()
    lowered = program.text.lower()
    return "socat" if "socat" in lowered else "catflap" if "catflap" in lowered else ""


def _after_run(rest: list[Word]) -> list[Word] | None:
    """Return the words after ``run``, the one command that relays."""
    for at, word in enumerate(rest):
        if word.text == "run":
            return rest[at + 1 :]
        if not word.text.startswith("-"):
            return None
    return None


@dataclass(frozen=True, slots=True)
class _Builder:
    name: str
    dialect: Dialect
    read: SocatWords
    source: str
    surroundings: Surroundings

    def build(self, program: Word) -> Invocation:
        problems = list(self.read.problems)
        flags = self.read.flags
        words = list(self.read.addresses)
        if len(words) == 1 and self.surroundings.hidden_input:
            # xargs and the like add the other address; nothing is known of it.
            end = words[0].span.end
            words.append(Word((Unknown("...", Span(end, end)),), Span(end, end)))
        if self.read.ends or len(words) != 2:
            if not self.read.ends and self._certain(words):
                problems.append(_count(words, program, self.source))
            return Invocation(self.name, self.dialect, flags, None, tuple(problems))
        bridge, found = self._bridge(words[0], words[1])
        return Invocation(self.name, self.dialect, flags, bridge, (*problems, *found))

    def _certain(self, words: list[Word]) -> bool:
        """Whether the count of words is no matter of what a variable holds."""
        return self.read.flags.complete and all(
            any(isinstance(part, Literal) for part in word.parts) for word in words
        )

    def _bridge(self, first: Word, second: Word) -> tuple[Bridge, list[Problem]]:
        flow = self._flow()
        lenient = self.dialect is Dialect.SOCAT
        problems: list[Problem] = []
        ends = []
        for position, word in enumerate((first, second)):
            parsed = parse(word.parts, self.source, lenient=lenient)
            if len(word.text) <= _LONGEST:
                problems += check(parsed, lenient=lenient)
            if not isinstance(parsed.endpoint, Dual):
                wanted = wanted_direction(flow, position)
                problems += check_direction(parsed.endpoint, wanted, self.source)
            ends.append(self._end(parsed.endpoint))
        bridge = Bridge(
            ends[0],
            ends[1],
            self.dialect,
            name=self.name,
            flow=flow,
            limits=self._limits(),
            once=self.read.flags.has("--once"),
            accepted=self._accepted(),
            flags=self.read.flags,
            surroundings=self.surroundings,
        )
        return bridge, problems

    def _end(self, endpoint: Endpoint) -> Side | DualSide:
        if isinstance(endpoint, Dual):
            return DualSide(self._end_of(endpoint.read), self._end_of(endpoint.write))
        return self._end_of(endpoint)

    def _flow(self) -> Flow:
        last = self.read.flags.last("-u", "-U")
        if last is None:
            return Flow.BOTH
        return Flow.FORWARD if last.row.name == "-u" else Flow.BACKWARD

    def _limits(self) -> Limits:
        if self.dialect is Dialect.SOCAT:
            idle = self.read.flags.seconds("-T").value
            wait = self.read.flags.seconds("-t", DEFAULT_HALF_CLOSE).value
            return Limits(
                half_close=max(wait or 0.0, 0.0), idle=None if idle is None else max(idle, 0.0)
            )
        said = Limits(
            self._duration("--handshake-timeout", _LEAST.handshake),
            self._duration("--connect-timeout", _LEAST.connect),
            self._duration("--half-close-timeout", _LEAST.half_close),
            self._duration("--idle-timeout", None),
        )
        for flag in self.read.flags.given:
            if flag.row.name == "--limit" and flag.value is not None and flag.value.known:
                with suppress(LimitError):
                    said = with_limits(said, [flag.value.text])
        return said

    @overload
    def _duration(self, name: str, otherwise: float) -> float: ...

    @overload
    def _duration(self, name: str, otherwise: None) -> float | None: ...

    def _duration(self, name: str, otherwise: float | None) -> float | None:
        text = self.read.flags.text(name)
        try:
            return parse_duration(text.value) if text.is_said else otherwise
        except ValueError:
            return otherwise

    def _accepted(self) -> tuple[Acceptance, ...]:
        found = []
        for flag in self.read.flags.given:
            if flag.row.name == "--unsafe" and flag.value is not None and flag.value.known:
                rule, _, reason = flag.value.text.partition("=")
                found.append(Acceptance(rule, reason))
        return tuple(found)

    def _end_of(self, address: Address) -> Side:
        return Side(address, self.dialect, self.source, self.surroundings)


def _count(words: Sequence[Word], program: Word, source: str) -> Problem:
    message = f"exactly two addresses are needed, here are {len(words)}"
    place = words[-1].span if words else program.span
    return Problem(message, place, source, "two addresses, each one word")
