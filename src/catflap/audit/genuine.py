"""Whether what looks like a comment is one, where a language has strings that hold such text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.grammar import parse
from catflap.audit.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.grammar import Tree

__all__ = ("Genuine",)

_LANGUAGES = frozenset({"python", "javascript", "go", "ruby"})


class Genuine:
    """Tells comments from strings that look like them.

    A shell command within a string has comments of its own. Kinds without such strings, or
    without a grammar of their own, are believed.
    """

    __slots__ = ("_commands", "_kind", "_text", "_tree")

    def __init__(self, text: str, kind: str, commands: Sequence[tuple[int, int]]) -> None:
        """Take a file's text and kind, and where its commands begin and end."""
        self._text = text
        self._kind = kind
        self._commands = commands
        self._tree: Tree | None = None

    def is_comment(self, offset: int) -> bool:
        """Whether the character stands in a comment of the language, or within a command."""
        if self._kind not in _LANGUAGES:
            return True
        if any(start <= offset < end for start, end in self._commands):
            return True
        if self._tree is None:
            self._tree = parse(self._kind, Passage(self._text))
        node = self._tree.node(offset, offset + 1)
        while node is not None:
            if "comment" in node.type:
                return True
            node = node.parent
        return False
