"""Takes the relay's commands out of any argument vector, whatever starts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.context import Budget, Context, Exhausted
from catflap.audit.unwrap.layers import unwrap
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.core.spans import Span
    from catflap.core.surroundings import Surroundings

__all__ = ("commands_in",)


def commands_in(
    words: Sequence[Argument],
    span: Span,
    surroundings: Surroundings,
    confidence: Confidence = Confidence.HIGH,
) -> Iterator[Command]:
    """Yield the relay's commands that an argument vector starts.

    Args:
        words: the program first, as execve(2) gets them.
        span: the whole command as it is written.
        surroundings: where it runs; what the wrappers say is added.
        confidence: how sure it is that it runs.
    """
    context = Context(surroundings, confidence, budget=Budget())
    try:
        yield from unwrap(tuple(words), span, context)
    except Exhausted:
        # Nobody writes such a vector by hand; what was found before stands.
        return
