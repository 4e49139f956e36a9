"""One line that is being typed: its characters, the cursor, what was typed before.

No input or output here: keys go in, and what they mean for the line comes out. The keys are those
of readline(3) in its emacs mode that people use.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("LONGEST_LINE", "Effect", "Line")

LONGEST_LINE: Final = 65_536
"""Characters that one line can have; a key beyond them changes nothing."""


class Effect(Enum):
    """What a key did."""

    NOTHING = "nothing"
    CHANGED = "changed"
    ACCEPTED = "accepted"
    ENDED = "ended"
    CLEARED = "cleared"


class Line:
    """The line and its history.

    Args:
        history: lines typed before, the oldest first; lines are added by :meth:`remember`.

    Attributes:
        text: one string a character.
        cursor: how many characters stand before it.
    """

    __slots__ = ("_at", "_draft", "_history", "_killed", "_literal", "cursor", "text")

    def __init__(self, history: list[str]) -> None:
        """Begin with an empty line."""
        self._history = history
        self._killed = ""
        self.begin()

    def begin(self) -> None:
        """Begin another line."""
        self.text: list[str] = []
        self.cursor = 0
        self._at = len(self._history)
        self._draft = ""
        self._literal = False

    def __str__(self) -> str:
        """Return the line without an end."""
        return "".join(self.text)

    def remember(self) -> None:
        """Put the line into the history."""
        self._history.append(str(self))

    def feed(self, key: str) -> Effect:
        """Follow one key."""
        if self._literal:
            self._literal = False
            return self._insert(key) if len(key) == 1 else Effect.NOTHING
        if key == "\x04" and not self.text:
            return Effect.ENDED
        if key in _OF_THE_LINE:
            self._literal = key == _QUOTE
            return _OF_THE_LINE[key]
        action = _ACTIONS.get(key)
        if action is not None:
            action(self)
            return Effect.CHANGED
        typed = len(key) == 1 and (key >= " " or key == "\t")
        return self._insert(key) if typed else Effect.NOTHING

    def _insert(self, text: str) -> Effect:
        if len(self.text) + len(text) > LONGEST_LINE:
            return Effect.NOTHING
        self.text[self.cursor : self.cursor] = text
        self.cursor += len(text)
        return Effect.CHANGED

    def _cut(self, start: int, end: int, *, keep: bool = False) -> None:
        if keep:
            self._killed = "".join(self.text[start:end])
        del self.text[start:end]
        self.cursor = start

    def _left(self) -> None:
        self.cursor = max(0, self.cursor - 1)

    def _right(self) -> None:
        self.cursor = min(len(self.text), self.cursor + 1)

    def _home(self) -> None:
        self.cursor = 0

    def _end(self) -> None:
        self.cursor = len(self.text)

    def _erase(self) -> None:
        self._cut(max(0, self.cursor - 1), self.cursor)

    def _delete(self) -> None:
        self._cut(self.cursor, self.cursor + 1)

    def _kill_rest(self) -> None:
        self._cut(self.cursor, len(self.text), keep=True)

    def _kill_start(self) -> None:
        self._cut(0, self.cursor, keep=True)

    def _kill_blank_word(self) -> None:
        start = self.cursor
        while start and self.text[start - 1].isspace():
            start -= 1
        while start and not self.text[start - 1].isspace():
            start -= 1
        self._cut(start, self.cursor, keep=True)

    def _word_start(self) -> int:
        at = self.cursor
        while at and not self.text[at - 1].isalnum():
            at -= 1
        while at and self.text[at - 1].isalnum():
            at -= 1
        return at

    def _word_end(self) -> int:
        at = self.cursor
        while at < len(self.text) and not self.text[at].isalnum():
            at += 1
        while at < len(self.text) and self.text[at].isalnum():
            at += 1
        return at

    def _back_word(self) -> None:
        self.cursor = self._word_start()

    def _forward_word(self) -> None:
        self.cursor = self._word_end()

    def _kill_word_before(self) -> None:
        self._cut(self._word_start(), self.cursor, keep=True)

    def _kill_word_after(self) -> None:
        self._cut(self.cursor, self._word_end(), keep=True)

    def _yank(self) -> None:
        self._insert(self._killed)

    def _swap(self) -> None:
        at = min(self.cursor, len(self.text) - 1)
        if at > 0:
            self.text[at - 1], self.text[at] = self.text[at], self.text[at - 1]
            self.cursor = at + 1

    def _older(self) -> None:
        if self._at > 0:
            if self._at == len(self._history):
                self._draft = str(self)
            self._show(self._at - 1)

    def _newer(self) -> None:
        if self._at < len(self._history):
            self._show(self._at + 1)

    def _oldest(self) -> None:
        while self._at > 0:
            self._older()

    def _newest(self) -> None:
        while self._at < len(self._history):
            self._newer()

    def _show(self, at: int) -> None:
        self._at = at
        self.text = list(self._history[at] if at < len(self._history) else self._draft)
        self.cursor = len(self.text)


_QUOTE: Final = "\x16"
_OF_THE_LINE: Final = {
    "\r": Effect.ACCEPTED,
    "\n": Effect.ACCEPTED,
    "\x0c": Effect.CLEARED,
    _QUOTE: Effect.NOTHING,
}
"""Keys that leave the text as it is."""

_ACTIONS: Final[dict[str, Callable[[Line], None]]] = {
    "\x01": Line._home,  # noqa: SLF001 - the table belongs to the class
    "home": Line._home,  # noqa: SLF001
    "\x02": Line._left,  # noqa: SLF001
    "left": Line._left,  # noqa: SLF001
    "\x04": Line._delete,  # noqa: SLF001
    "delete": Line._delete,  # noqa: SLF001
    "\x05": Line._end,  # noqa: SLF001
    "end": Line._end,  # noqa: SLF001
    "\x06": Line._right,  # noqa: SLF001
    "right": Line._right,  # noqa: SLF001
    "\x08": Line._erase,  # noqa: SLF001
    "\x7f": Line._erase,  # noqa: SLF001
    "\x0b": Line._kill_rest,  # noqa: SLF001
    "\x0e": Line._newer,  # noqa: SLF001
    "down": Line._newer,  # noqa: SLF001
    "\x10": Line._older,  # noqa: SLF001
    "up": Line._older,  # noqa: SLF001
    "\x14": Line._swap,  # noqa: SLF001
    "\x15": Line._kill_start,  # noqa: SLF001
    "\x17": Line._kill_blank_word,  # noqa: SLF001
    "\x19": Line._yank,  # noqa: SLF001
    "meta-b": Line._back_word,  # noqa: SLF001
    "meta-f": Line._forward_word,  # noqa: SLF001
    "meta-d": Line._kill_word_after,  # noqa: SLF001
    "meta-\x7f": Line._kill_word_before,  # noqa: SLF001
    "meta-\x08": Line._kill_word_before,  # noqa: SLF001
    "meta-<": Line._oldest,  # noqa: SLF001
    "meta->": Line._newest,  # noqa: SLF001
}
