"""What the words of every command must be once the changes are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.fix.places import places_of
from catflap.audit.fix.proposal import NotFixableError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from catflap.address.model import Unknown
    from catflap.audit.command import Argument, Command
    from catflap.audit.fix.proposal import Change
    from catflap.core.spans import Span

__all__ = ("expected_words",)


def expected_words(
    commands: Sequence[Command],
    target: Command,
    changes: Sequence[Change],
    alike: Collection[Span] = (),
) -> list[tuple[str, ...]]:
    """Return the words of each command after the changes, which only one command may feel.

    A command that is read in several ways (a function that is called twice, a variable with two
    values) counts as one: it stands at one place.

    Args:
        commands: all of the file.
        target: the one that is changed.
        changes: the edits.
        alike: the places of those that are meant to change with it.

    Raises:
        NotFixableError: another command reads the same text.
    """
    found = []
    for command in commands:
        before = tuple(word.text for word in command.words)
        after = _words(command, changes)
        if after != before and command.span != target.span and command.span not in alike:
            raise NotFixableError("another command uses the same text")
        found.append(after)
    return found


def _words(command: Command, changes: Sequence[Change]) -> tuple[str, ...]:
    within = [change for change in changes if change.word < 0]
    words = [_text(word, within) for word in command.words]
    whole = [change for change in changes if change.word >= 0 and _is_at(command, change)]
    for change in sorted(whole, key=lambda each: each.word, reverse=True):
        words[change.word : change.word + change.dropped] = change.added
    return tuple(words)


def _is_at(command: Command, change: Change) -> bool:
    places = places_of(command.words)
    return change.word < len(places) and places[change.word].start == change.start


def _text(word: Argument, changes: Sequence[Change]) -> str:
    return "".join(_piece(piece, changes) for piece in word.pieces)


def _piece(piece: Literal | Unknown, changes: Sequence[Change]) -> str:
    text, place = piece.text, piece.span
    exact = isinstance(piece, Literal) and place.end - place.start == len(text)
    for change in sorted(changes, reverse=True):
        start, end = change.start, change.end
        if start == end == place.end and start > place.start:
            text += change.text
        elif (
            exact
            and place.start <= start
            and end <= place.end
            and (start, end)
            != (
                place.start,
                place.start,
            )
        ):
            text = text[: start - place.start] + change.text + text[end - place.start :]
    return text
