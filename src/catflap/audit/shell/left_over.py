"""Variables that hold a whole command, and of which the file does not show how they are run.

``TRANSFER="socat -u TCP-LISTEN:4444 stdio"`` that a function of another file evaluates, or that is
put together with more before it runs: few people write down a whole command, and use it, in order
not to run it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.unwrap.special import starts_another
from catflap.audit.unwrap.unfamiliar import reads_like_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from catflap.audit.command import Command
    from catflap.audit.shell.text import ShellText
    from catflap.audit.shell.words import Expander, Piece

__all__ = ("Held", "is_whole")

_LINE = re.compile(
    r"\s*(?:(?:sudo|exec|nohup)[ \t]+)*[\w./-]{0,60}(?:socat|catflap)[ \t]+\S+[ \t]+\S"
)
_SHOWN = re.compile(
    r"usage|help|msg|message|desc|text|title|example|hint|doc|info|err|warn|banner|expect|want"
    r"|pattern|regex|match|note|suspicious|forbid|block|den(?:y|ied)|danger|malicious|bad",
    re.IGNORECASE,
)
"""Names of what is shown to people or looked for."""
_ADDRESSES = 2
_FIRST = re.compile(r"\s*(?:(?:sudo|exec|nohup)[ \t]+)*([\w./-]{2,60})[ \t]+\S")
_GOES_ON = re.compile(r"[^&\d>]>>?[ \t]*[\w./~$\"'{-]|\|[ \t]*[a-z]")
# Of these, a sentence may begin with.
_ALSO_WORDS = frozenset(
    {"at", "do", "else", "find", "if", "script", "then", "time", "watch", "while"}
)


def _starts_another(written: str) -> bool:
    """Whether a text begins with a program that runs, or writes down, the command within it."""
    first = _FIRST.match(written)
    if first is None:
        return False
    name = first[1].rpartition("/")[2]
    if name in {"echo", "printf"}:
        return _GOES_ON.search(written) is not None
    return name not in _ALSO_WORDS and starts_another(name)


def is_whole(command: Command) -> bool:
    """Whether a command has both its addresses: less may be the beginning of prose."""
    return sum(map(reads_like_address, command.words[1:])) >= _ADDRESSES


class Held:
    """Assignments of one text that hold a command, and which of them were seen to run."""

    __slots__ = ("_assignments", "_seen")

    def __init__(self) -> None:
        """Start with none."""
        self._assignments: list[tuple[str, Node]] = []
        self._seen: list[int] = []

    def note(self, name: str, assignment: Node) -> None:
        """Remember an assignment in whose value a relay's name stands."""
        value = assignment.child_by_field_name("value")
        if value is not None and not _SHOWN.search(name):
            self._assignments.append((name, value))

    def saw(self, command: Command) -> None:
        """Hear of a command that was found, wherever its words came from."""
        self._seen.append(command.words[0].pieces[0].span.start if command.words else -1)

    def values(
        self, text: ShellText, expander: Expander
    ) -> Iterator[tuple[Node, tuple[Piece, ...]]]:
        """Yield the values that hold a whole command, and none that was found to run."""
        used: dict[str, bool] = {}
        for name, value in self._assignments:
            if name not in used:
                used[name] = _is_used(name, text)
            if not used[name] and not _is_exported(value, text):
                continue
            for part in value.named_children if value.type == "array" else (value,):
                pieces = self._whole(part, text, expander)
                if pieces:
                    yield part, pieces

    def _whole(self, value: Node, text: ShellText, expander: Expander) -> tuple[Piece, ...]:
        """Return what a value, or one of an array's, holds if it is a whole command not seen."""
        start, end = text.tree.start(value), text.tree.end(value)
        place = text.passage.span(start, end)
        if any(place.start <= seen < place.end for seen in self._seen):
            return ()
        words = text.lexer.simple(start).words
        pieces = tuple(expander.scalar(words[0])) if words else ()
        written = "".join(piece.text for piece in pieces)
        return pieces if _LINE.match(written) or _starts_another(written) else ()


def _is_used(name: str, text: ShellText) -> bool:
    text.budget.spend(len(text.text))
    return re.search(rf"\$\{{?{re.escape(name)}(?!\w)", text.text) is not None


def _is_exported(value: Node, text: ShellText) -> bool:
    """Whether an assignment hands the variable on to other programs."""
    path = text.path(text.tree.start(value))
    declared = next((node for node in reversed(path) if node.type == "declaration_command"), None)
    return declared is not None and text.tree.text(declared).startswith("export")
