"""A bridge from the words of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.check import check, check_direction
from catflap.address.model import Dual, Endpoint
from catflap.address.rows import Direction
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.model import Acceptance, Bridge, DualSide, Flow, Limits
from catflap.bridge.side import Side
from catflap.core.errors import UsageError

if TYPE_CHECKING:
    from catflap.core.spans import Problem

__all__ = ("bridge_from_words", "wanted_direction")


def bridge_from_words(  # noqa: PLR0913 - one argument a flag of the command line
    first: str,
    second: str,
    *,
    dialect: Dialect = Dialect.CATFLAP,
    flow: Flow = Flow.BOTH,
    limits: Limits | None = None,
    once: bool = False,
    accepted: tuple[Acceptance, ...] = (),
    name: str = "bridge",
) -> Bridge:
    """Build a bridge strictly.

    Raises:
        UsageError: with every problem of both addresses at once.
    """
    problems: list[Problem] = []
    ends = []
    for position, text in enumerate((first, second)):
        parsed = parse(text, lenient=dialect is Dialect.SOCAT)
        found = list(check(parsed, lenient=dialect is Dialect.SOCAT))
        if not isinstance(parsed.endpoint, Dual):
            wanted = wanted_direction(flow, position)
            found.extend(check_direction(parsed.endpoint, wanted, text))
        problems.extend(found)
        ends.append(_end(parsed.endpoint, dialect, text))
    if problems:
        raise UsageError(problems[0].sentence(), tuple(problems))
    return Bridge(
        ends[0],
        ends[1],
        dialect,
        name=name,
        flow=flow,
        limits=limits or Limits(),
        once=once,
        accepted=accepted,
    )


def wanted_direction(flow: Flow, position: int) -> Direction:
    """Return which way bytes must flow through the first (0) or second (1) address."""
    if flow is Flow.BOTH:
        return Direction.BOTH
    reads = (flow is Flow.FORWARD) == (position == 0)
    return Direction.READ if reads else Direction.WRITE


def _end(endpoint: Endpoint, dialect: Dialect, text: str) -> Side | DualSide:
    if isinstance(endpoint, Dual):
        return DualSide(Side(endpoint.read, dialect, text), Side(endpoint.write, dialect, text))
    return Side(endpoint, dialect, text)
