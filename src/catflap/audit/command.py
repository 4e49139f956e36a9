"""What a source yields: commands with the words as the program would get them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catflap.address.model import Unknown
from catflap.core.surroundings import Surroundings
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from catflap.address.model import Literal
    from catflap.core.spans import Problem, Span

__all__ = ("Argument", "Command", "Reading")


@dataclass(frozen=True, slots=True)
class Argument:
    """One word of a command.

    Args:
        pieces: what the program gets, each piece with its place in the file; a piece that comes
            from elsewhere in the file (an assignment that is followed) has its place there.
        span: the word as it is written, quotes included.
    """

    pieces: tuple[Literal | Unknown, ...]
    span: Span

    @property
    def text(self) -> str:
        """The text, unknown parts as they are written."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def literal(self) -> str | None:
        """The text when all of it is known, else ``None``."""
        return None if any(isinstance(piece, Unknown) for piece in self.pieces) else self.text


@dataclass(frozen=True, slots=True)
class Command:
    """One command that starts a relay.

    Args:
        words: its argument vector, the program first; nothing of ``sudo``, ``timeout`` and the
            like is left. Redirections are no words.
        span: the command as it is written, from the first word to the last, wrappers included.
        surroundings: where it runs, as far as the file shows.
        confidence: how sure it is that this is run as a command.
    """

    words: tuple[Argument, ...]
    span: Span
    surroundings: Surroundings = field(default_factory=Surroundings)
    confidence: Confidence = Confidence.HIGH


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a file.

    Args:
        commands: in the order of the file.
        problems: why parts of the file could not be read; the rest was.
    """

    commands: tuple[Command, ...]
    problems: tuple[Problem, ...] = field(default=())
