"""Problems that say in which file, line and column they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.core.errors import UsageError
from catflap.core.spans import Problem, excerpt, underline

if TYPE_CHECKING:
    from catflap.core.spans import Span

__all__ = ("ConfigurationError", "FileProblem", "Notes")


@dataclass(frozen=True, slots=True)
class FileProblem(Problem):
    """A problem in a file."""

    path: str = ""

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.source.count("\n", 0, self.span.start) + 1

    @property
    def column(self) -> int:
        """The column in characters, from 1."""
        return self.span.start - self.source.rfind("\n", 0, self.span.start)

    def render(self) -> str:
        """Return ``file:line:column: sentence``, then the line with carets under the place."""
        where = f"{self.path}:{self.line}:{self.column}"
        return f"{where}: {self.sentence()}\n{underline(self.source, self.span)}"


class ConfigurationError(UsageError):
    """A configuration is wrong; every problem of all its files is told.

    Lines begin with the place, so that an editor finds it.
    """

    prefix = ""


class Notes:
    """Collects the problems of one file.

    Args:
        path: as it was named.
        text: what places point into.
    """

    def __init__(self, path: str, text: str) -> None:
        """Start with none."""
        self.path = path
        self.text = text
        self.found: list[FileProblem] = []
        self._known: set[tuple[str, Span, str, str]] = set()
        self.referred: list[str] = []
        """Paths that ``${file:...}`` names, found or not, and directories to include from."""
        self.brought_in: dict[str, str] = {}
        """What references brought in, and how they are written."""

    def add(self, message: str, span: Span, expected: str = "", nearest: str = "") -> None:
        """Note a problem; what a reference brought in is mostly a secret, and is not repeated."""
        if "${" in self.text[span.start : span.end]:
            for text in sorted(self.brought_in, key=len, reverse=True):
                for shown in (text, excerpt(text)):
                    message = message.replace(shown, self.brought_in[text])
        about = (message, span, expected, nearest)
        if about not in self._known:
            # A set knows at once: somebody may hand in a file with a mistake in each of its lines.
            self._known.add(about)
            self.found.append(FileProblem(message, span, self.text, expected, nearest, self.path))
