"""What a fix would change: characters at exact places of a file, and what that means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ("MARK", "Change", "NotFixableError", "Placeholder", "Proposal", "apply")

MARK = "CHANGE-ME"
"""How every placeholder begins: words that no shell, YAML or program takes apart."""


class NotFixableError(Exception):
    """No edit can be made here; the text says why."""


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One edit.

    Args:
        start: offset of the first character that goes, in the file's text.
        end: offset after the last; the same for an insertion.
        text: what comes in their place.
        word: the number of the command's word before which words come, or that goes; -1 where
            a word is changed within.
        added: the words that come.
        dropped: how many words go.
    """

    start: int
    end: int
    text: str
    word: int = -1
    added: tuple[str, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What nobody but the reader knows, and is left for them to write."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fix of one finding.

    Args:
        title: what is done, one line: ``max-children=100 limits the processes``.
        changes: the edits, at most one at a place.
        safe: whether it behaves as before, or is strictly narrower without breaking the intent.
        placeholders: what is left to the reader; a fix that has any is never safe.
    """

    title: str
    changes: tuple[Change, ...]
    safe: bool = False
    placeholders: tuple[Placeholder, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a fix that calls itself safe and is not finished."""
        marked = any(MARK in change.text for change in self.changes)
        if marked and (self.safe or not self.placeholders):
            message = f"{self.title}: a placeholder needs a meaning, and is never safe"
            raise ValueError(message)


def apply(text: str, changes: Iterable[Change]) -> str:
    """Return the text with the changes made; all else stays as it is.

    Raises:
        NotFixableError: two of them overlap.
    """
    parts: list[str] = []
    at = 0
    for change in ordered(changes):
        if change.start < at:
            raise NotFixableError("its edits overlap")
        parts += [text[at : change.start], change.text]
        at = change.end
    return "".join([*parts, text[at:]])


def ordered(changes: Iterable[Change]) -> Sequence[Change]:
    """Return the changes in the order of the text."""
    return sorted(changes, key=lambda change: (change.start, change.end))
