"""Tries a fix before it is offered: the file is written anew, read again, and judged again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.fix.expected import expected_words
from catflap.audit.fix.proposal import MARK, NotFixableError, apply
from catflap.audit.judge import judge
from catflap.audit.reader import read_text
from catflap.bridge.invocation import read_invocation
from catflap.findings.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from catflap.audit.command import Command, Reading
    from catflap.audit.fix.proposal import Change, Proposal
    from catflap.audit.judge import Judged
    from catflap.audit.sources.registry import Source
    from catflap.core.spans import Span

__all__ = ("Snapshot", "changed", "commands_alike", "mended")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A text with its commands and what is found about them.

    Args:
        path: how the file is called, which some kinds look at.
        judged: worst first.
        numbers: which command of the file stands at a place.
    """

    text: str
    source: Source
    path: str
    reading: Reading
    judged: tuple[Judged, ...]
    numbers: Mapping[Span, int]

    @classmethod
    def of(cls, text: str, source: Source, path: str) -> Snapshot:
        """Read and judge a text; no file beside it is looked at."""
        reading = read_text(text, source, path)
        judged = tuple(judge(reading.commands, text))
        places = sorted({each.span for each in reading.commands})
        numbers = {place: number for number, place in enumerate(places)}
        return cls(text, source, path, reading, judged, numbers)

    def number(self, command: Command) -> int:
        """Return which command of the file it is; those that stand at one place are one."""
        return self.numbers[command.span]


def changed(
    before: Snapshot, target: Command, changes: Sequence[Change], alike: Collection[Span] = ()
) -> Snapshot:
    """Return the text after some changes, if each command has the words that it must have.

    Args:
        before: the text.
        target: the command that is changed.
        changes: the edits.
        alike: the places of commands that use the same text, and are to change with it.

    Raises:
        NotFixableError: another command would change, the file would no longer be read, or
            the program would get other words than intended.
    """
    wanted = expected_words(before.reading.commands, target, changes, alike)
    after = Snapshot.of(apply(before.text, changes), before.source, before.path)
    if [tuple(word.text for word in each.words) for each in after.reading.commands] != wanted:
        raise NotFixableError("the words cannot be written there as they must be")
    if len(after.reading.problems) > len(before.reading.problems):
        raise NotFixableError("the file would no longer be read as a whole")
    for place in (target.span, *alike):
        number = before.numbers[place]
        said = _refusals(before, number)
        new = [each for each in _refusals(after, number) if each not in said]
        if new:
            raise NotFixableError(f"the program would not take it: {new[0]}")
    return after


def mended(before: Snapshot, judged: Judged, proposal: Proposal) -> Snapshot:
    """Return the text after a fix, if the finding is gone and nothing new is found.

    What was told as a note may be told on its own afterwards, and low ones may appear where a fix
    is unsafe anyway.

    Raises:
        NotFixableError: the fix does not hold what it says.
    """
    alike = commands_alike(before.reading.commands, judged, before.text)
    after = changed(before, judged.command, proposal.changes, alike)
    number = (judged.finding.rule, before.number(judged.command))
    mine = {number[1], *(before.numbers[place] for place in alike)}
    told = _told(before, mine)
    then, now = _worst(before), _worst(after)
    counts = _counts(after)
    if counts[number] >= _counts(before)[number]:
        raise NotFixableError("the finding would stay")
    for key, severity in now.items():
        known = then.get(key)
        if known is None and key[1] in mine:
            small = severity < Severity.MEDIUM and not proposal.safe
            if small or key[0] in told:
                continue
        if known is None or severity > known:
            raise NotFixableError(f"{key[0]} would be found instead")
    return after


def commands_alike(commands: Sequence[Command], judged: Judged, text: str) -> frozenset[Span]:
    """Return the places of commands with the same finding in the same text, told once for all.

    ``eval "$RELAY" &`` in two branches of a script: whoever mends the one value mends both.
    """
    pieces = {piece.span for word in judged.command.words for piece in word.pieces}
    wanted = judged.finding.rule, judged.finding.span
    return frozenset(
        command.span
        for command in commands
        if command.span != judged.command.span
        and any(piece.span in pieces for word in command.words for piece in word.pieces)
        and any((each.finding.rule, each.finding.span) == wanted for each in judge([command], text))
    )


def _told(snapshot: Snapshot, numbers: Collection[int]) -> set[str]:
    """Return the rules that notes of some commands' findings name."""
    return {
        note.partition(":")[0]
        for each in snapshot.judged
        if snapshot.number(each.command) in numbers
        for note in each.finding.notes
    }


def _counts(snapshot: Snapshot) -> Counter[tuple[str, int]]:
    return Counter((each.finding.rule, snapshot.number(each.command)) for each in snapshot.judged)


def _worst(snapshot: Snapshot) -> dict[tuple[str, int], Severity]:
    found: dict[tuple[str, int], Severity] = {}
    for each in snapshot.judged:
        key = (each.finding.rule, snapshot.number(each.command))
        found[key] = max(each.finding.severity, found.get(key, each.finding.severity))
    return found


def _refusals(snapshot: Snapshot, number: int) -> list[str]:
    """Return what the program of a command would refuse, placeholders aside."""
    found = []
    for command in snapshot.reading.commands:
        if snapshot.number(command) != number:
            continue
        words = [word.pieces for word in command.words]
        read = read_invocation(words, snapshot.text, command.surroundings)
        if read is None or read.bridge is None:
            found.append("there are not exactly two addresses")
            continue
        found += [
            problem.sentence()
            for problem in read.problems
            if MARK not in snapshot.text[problem.span.start : problem.span.end]
        ]
    return found
