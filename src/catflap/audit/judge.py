"""What the rules say about the commands of one text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from catflap.audit.meant import parted, spelt, without_surplus
from catflap.bridge.invocation import read_invocation
from catflap.core import clock
from catflap.core.facts import Facts
from catflap.core.spans import Span
from catflap.findings.finding import Confidence, Severity
from catflap.rules.registry import judge_bridge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.bridge.model import Bridge
    from catflap.core.facts import FileFacts
    from catflap.core.surroundings import Surroundings
    from catflap.findings.finding import Finding

__all__ = ("Judged", "Look", "facts_for", "judge")

_SOMEBODY = 65534
"""The uid that stands for an account that is named and is not root (nobody, on most systems)."""


class Look(Protocol):
    """Looks at the files that a bridge names."""

    def __call__(self, bridge: Bridge) -> dict[str, FileFacts]:
        """Return what is known, by the path that the address names."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding and the command that it is about.

    Args:
        bridge: what the command would build.
        written: the finding's place as its rule told it, which may cover more than a reader sees.
    """

    finding: Finding
    command: Command
    bridge: Bridge
    written: Span


def judge(commands: Sequence[Command], source: str, look: Look | None = None) -> list[Judged]:
    """Return the findings of all commands, worst first.

    The same rule at the same place is one finding, by whatever way the place was reached: a
    function that is called twice, a YAML anchor that is used again, a variable that holds the
    whole command. Of different commands that only share a word each has its own.

    Args:
        commands: as a source read them.
        source: the text that their places point into.
        look: what looks at certificates and keys; nothing is opened without it.
    """
    found: dict[tuple[str, Span, Span], Judged] = {}
    first: dict[tuple[str, Span, tuple[str, ...]], Span] = {}
    for command in commands:
        words = tuple(word.text for word in command.words)
        for each in _findings(command, source, look):
            finding = each.finding
            place = first.setdefault((finding.rule, finding.span, words), command.span)
            key = (finding.rule, finding.span, place)
            other = found.get(key)
            if other is None or _weight(finding) > _weight(other.finding):
                found[key] = each
    return sorted(found.values(), key=_order)


def facts_for(surroundings: Surroundings, files: dict[str, FileFacts]) -> Facts:
    """Return what the rules may know about a command that is only read."""
    return Facts(
        uid=_uid(surroundings.user),
        now=clock.now(),
        files=files,
        container=surroundings.container,
    )


def _uid(user: str) -> int | None:
    """Return the number of an account of some machine; names other than root are somebody."""
    name = user.partition(":")[0]
    if not name:
        return None
    if name.isascii() and name.isdigit():
        return int(name[:10])
    return 0 if name == "root" else _SOMEBODY


def _findings(command: Command, source: str, look: Look | None) -> Iterator[Judged]:
    bridge = _bridge(command, source)
    if bridge is None:
        words = parted(command.words) or without_surplus(command.words)
        if words is None:
            return
        command = replace(command, words=tuple(words), confidence=Confidence.LOW)
        bridge = _bridge(command, source)
    if bridge is None:
        return
    yield from _judged(bridge, command, source, look)
    words = spelt(command.words)
    if words is not None:
        command = replace(command, words=tuple(words), confidence=Confidence.LOW)
        bridge = _bridge(command, source)
        if bridge is not None:
            found = _judged(bridge, command, source, look)
            yield from (each for each in found if each.finding.severity >= Severity.MEDIUM)


def _judged(bridge: Bridge, command: Command, source: str, look: Look | None) -> Iterator[Judged]:
    facts = facts_for(command.surroundings, look(bridge) if look else {})
    for finding in judge_bridge(bridge, facts):
        span = _inside(finding.span, command, source)
        sure = min(finding.confidence, command.confidence)
        yield Judged(replace(finding, span=span, confidence=sure), command, bridge, finding.span)


def _bridge(command: Command, source: str) -> Bridge | None:
    words = [word.pieces for word in command.words]
    invocation = read_invocation(words, source, command.surroundings)
    return invocation.bridge if invocation is not None else None


def _inside(span: Span, command: Command, source: str) -> Span:
    """Return a place that a reader can find: one stretch of the file that is not empty.

    A word that is put together from an assignment and its use would cover all that stands
    between the two. Then the word as it is written in the command is the place; or, where the whole
    word stands elsewhere, that line of it on which it begins.
    """
    whole, size = command.span, len(source)
    if span.end <= size and span.start < span.end:
        if whole.start <= span.start and span.end <= whole.end:
            return span
        if span.end <= whole.start or span.start >= whole.end:
            return _beginning(span, command.words, source)
    word = _word_at(span, command.words)
    place = word.span if word is not None else whole
    return Span(min(place.start, size), min(place.end, size))


def _beginning(span: Span, words: Sequence[Argument], source: str) -> Span:
    """Return a place without what stands on other lines than its first known part."""
    if "\n" not in source[span.start : span.end]:
        return span
    exact = (each for each in words if _ends(each) == (span.start, span.end))
    word = next(exact, None) or _word_at(span, words)
    if word is None:
        return span
    pieces = [each.span for each in word.pieces if _overlap(each.span, span)]
    line_start = source.rfind("\n", 0, pieces[0].start) + 1
    line_end = source.find("\n", pieces[0].start)
    line = Span(line_start, len(source) if line_end < 0 else line_end)
    found = pieces[0]
    for piece in pieces[1:]:
        if line.start <= piece.start and piece.end <= line.end:
            found = found.cover(piece)
    return found


def _ends(word: Argument) -> tuple[int, int]:
    """Return where the first and the last of a word's parts stand."""
    spans = [piece.span for piece in word.pieces]
    return min((each.start for each in spans), default=0), max(
        (each.end for each in spans), default=0
    )


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _word_at(span: Span, words: Sequence[Argument]) -> Argument | None:
    """Return the word that a place is about, the last one of several.

    A place that goes from an assignment to its use passes by the assignments of other words. So
    the word in whose parts it begins and ends comes before one that only has parts within it.
    """
    best: tuple[int, Argument] | None = None
    for word in reversed(words):
        pieces = [piece.span for piece in word.pieces if _overlap(piece.span, span)]
        begins = any(each.start <= span.start < each.end for each in pieces)
        ends = any(each.start < span.end <= each.end for each in pieces)
        if pieces and (best is None or begins + ends > best[0]):
            best = begins + ends, word
    return best[1] if best is not None else None


def _weight(finding: Finding) -> tuple[int, int]:
    return finding.severity, finding.confidence


def _order(judged: Judged) -> tuple[int, int, int, str]:
    finding = judged.finding
    return -finding.severity, -finding.confidence, finding.span.start, finding.rule
