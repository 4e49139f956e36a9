"""``nofork``: the program gets the connection itself, and nothing of ours stands between.

No bytes pass here, so that whatever is done to bytes cannot be: TLS, line ends, limits on what is
read. What would only be useless is told in the dialect of socat, where scripts have it, and refused
in ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import SocketOption, TermiosAction, Transport
from catflap.bridge.effective import Dialect
from catflap.bridge.model import DualSide
from catflap.core.errors import UsageError
from catflap.core.spans import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Option
    from catflap.bridge.side import Side

__all__ = ("check_handing_over", "hands_over")

_CHANGES_BYTES = frozenset({"cr", "crnl", "readbytes", "escape"})
_USELESS = frozenset(
    {
        *("ignoreeof", "cool-write", "null-eof", "half-close-timeout", "idle-timeout"),
        *("shut-none", "shut-down", "shut-close", "shut-null", "end-close"),
        *("pty", "openpty", "ptmx", "tiocsctty", "pipes", "f-setpipe-sz"),
    }
)
_SHAKING = frozenset({Transport.TLS, Transport.DTLS})


def _sides(end: Side | DualSide) -> tuple[Side, ...]:
    return (end.read, end.write) if isinstance(end, DualSide) else (end,)


def hands_over(end: Side | DualSide) -> bool:
    """Whether an end is a program that gets the connection itself."""
    return not isinstance(end, DualSide) and end.flag("nofork").value


def check_handing_over(
    first: Side | DualSide, second: Side | DualSide, *, watched: bool = False
) -> tuple[str, ...]:
    """Return what to tell of options that have no effect, in the dialect of socat.

    Args:
        first: the near end.
        second: the far end, which may be such a program.
        watched: whether somebody asked to see the bytes that pass.

    Raises:
        UsageError: the connection cannot be handed over, or an option asks for what cannot be.
    """
    problems = list(_misplaced(first, second))
    notes: list[str] = []
    if hands_over(second) and watched:
        message = "nothing can be shown of what passes where nofork hands the connection over"
        raise UsageError(message)
    if hands_over(second) and not problems:
        for side in _sides(first):
            if side.kind.transport in _SHAKING:
                said = f"{side.address.name} cannot be handed over: the program would read TLS"
                problems.append(Problem(said, side.span, side.source, "no nofork"))
        for side in (*_sides(first), *_sides(second)):
            for option, name in _without_effect(side, own=side is second):
                said = f"{option.name.text} has no effect where nofork hands the connection over"
                if name in _CHANGES_BYTES or side.dialect is Dialect.CATFLAP:
                    problems.append(Problem(said, option.span, side.source, "no nofork"))
                else:
                    notes.append(said)
    if problems:
        raise UsageError(problems[0].sentence(), tuple(problems))
    return tuple(notes)


def _misplaced(first: Side | DualSide, second: Side | DualSide) -> Iterator[Problem]:
    allowed = None if isinstance(second, DualSide) else second
    for side in (*_sides(first), *_sides(second)):
        if side is allowed:
            continue
        for option in side.options("nofork"):
            if side.flag("nofork").value:
                said = "option nofork is not allowed here: only for the whole second address"
                yield Problem(said, option.span, side.source, "no nofork")


def _without_effect(side: Side, *, own: bool) -> Iterator[tuple[Option, str]]:
    """Yield options that nothing would feel; those of the program's own ``pty`` among them."""
    for option in side.address.options:
        row = option.row
        if row is None:
            continue
        of_ends = own and isinstance(row.applies, SocketOption | TermiosAction)
        if row.name in _CHANGES_BYTES or row.name in _USELESS or of_ends:
            yield option, row.name
