"""What is handed down from layer to layer while a command is taken out of its wrappers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from catflap.core.surroundings import Surroundings
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from catflap.address.model import Literal, Unknown
    from catflap.audit.shell.variables import Scope

__all__ = ("Budget", "Context", "Exhausted")

_DEEPEST = 24
_WORK = 4_000_000


class Exhausted(Exception):  # noqa: N818 -- an end of the work, not an error of anybody
    """A file asked for more work than a file may; the rest of it stays unread."""


class Budget:
    """Work that may be spent on one file, in characters looked at.

    What a person writes takes a small part of it. It bounds the time for input that is made to
    be read again and again.
    """

    __slots__ = ("left",)

    def __init__(self, left: int = _WORK) -> None:
        """Take the number of characters."""
        self.left = left

    def spend(self, characters: int) -> None:
        """Count work.

        Raises:
            Exhausted: when nothing is left.
        """
        self.left -= characters
        if self.left < 0:
            raise Exhausted


@dataclass(frozen=True, slots=True)
class Context:
    """Where a layer stands.

    Args:
        surroundings: where its commands run.
        confidence: how sure it is that they run.
        depth: how many layers are around it.
        budget: work that the whole file may still cost.
        path: the file's.
        scope: variables of the shell in which the layer stands, and the place there.
        stdin: what comes in at the standard input, when the file shows it.
    """

    surroundings: Surroundings = field(default_factory=Surroundings)
    confidence: Confidence = Confidence.HIGH
    depth: int = 0
    budget: Budget = field(default_factory=Budget)
    path: str = ""
    scope: tuple[Scope, int] | None = None
    stdin: tuple[Literal | Unknown, ...] | None = None

    @property
    def too_deep(self) -> bool:
        """Whether another layer would be more than anybody writes."""
        return self.depth >= _DEEPEST

    def inside(self, layers: int = 1, **facts: Any) -> Context:
        """Return the context of a layer within this one, with facts of its surroundings."""
        surroundings = replace(self.surroundings, **facts) if facts else self.surroundings
        return replace(self, surroundings=surroundings, depth=self.depth + layers)

    def at_most(self, confidence: Confidence) -> Context:
        """Return the context with no more confidence than this."""
        return replace(self, confidence=min(self.confidence, confidence))
