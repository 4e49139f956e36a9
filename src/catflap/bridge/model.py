"""The bridge: what is audited is what runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from catflap.address.rows import Role
from catflap.bridge.flags import NO_FLAGS, Flags
from catflap.bridge.limits import Limits
from catflap.bridge.policy import Policy
from catflap.core.surroundings import NOWHERE, Surroundings

if TYPE_CHECKING:
    from catflap.bridge.effective import Dialect
    from catflap.bridge.side import Side
    from catflap.core.spans import Span

__all__ = ("Acceptance", "Bridge", "DualSide", "Flow", "Limits")

_ONE_SESSION = frozenset({"STDIO", "STDIN", "STDOUT", "STDERR", "FD", "PTY", "READLINE"})


class Flow(Enum):
    """Which ways bytes go."""

    BOTH = "both"
    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding that somebody took responsibility for, by name.

    Args:
        rule: whose finding it is.
        reason: why.
        until: the last day, such as ``2027-01-31``; for ever when empty.
        until_at: where a file says so.
        source: the text of that file.
    """

    rule: str
    reason: str = ""
    until: str = ""
    until_at: Span | None = field(default=None, compare=False)
    source: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class DualSide:
    """Two addresses as one end: the first is read from, the second written to."""

    read: Side
    write: Side


@dataclass(frozen=True, slots=True)
class Bridge:
    """Two ends and everything that governs what passes between them.

    Args:
        first: the left end; a listener here serves.
        second: the right end, opened for each session.
        once: serve one session, then end.
        accepted: findings accepted by name.
        policy: who may talk, besides what the addresses say.
        on_expiry: ``end`` or ``keep``: what becomes of a session whose credential expires.
        crls: revocation lists: files, or directories of them.
        flags: what was said in front of the addresses; rules tell what they disclose.
        surroundings: where it runs, as far as the file shows that it is written in.
    """

    first: Side | DualSide
    second: Side | DualSide
    dialect: Dialect
    name: str = "bridge"
    flow: Flow = Flow.BOTH
    limits: Limits = field(default_factory=Limits)
    once: bool = False
    accepted: tuple[Acceptance, ...] = ()
    policy: Policy = field(default_factory=Policy)
    on_expiry: str = "end"
    crls: tuple[str, ...] = ()
    flags: Flags = field(default=NO_FLAGS, compare=False)
    surroundings: Surroundings = field(default=NOWHERE, compare=False)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Every address of the bridge, in the order of writing."""
        return (*_flatten(self.first), *_flatten(self.second))

    @property
    def reached(self) -> tuple[Side, ...]:
        """Every address of the bridge, each followed by what it goes through (``via=``)."""
        return tuple(each for side in self.sides for each in (side, *side.chain))

    @property
    def listeners(self) -> tuple[Side, ...]:
        """The addresses that wait for peers."""
        return tuple(side for side in self.sides if side.listens)

    @property
    def single_session_reason(self) -> str:
        """Why the bridge serves one session and then ends; nothing when it keeps serving."""
        first = self.first
        if isinstance(first, DualSide) or not (
            first.kind.role is Role.LISTEN or first.serves_messages
        ):
            return "the first address does not listen"
        if self.once:
            return "asked for by --once"
        fork = first.flag("fork", otherwise=True)
        if fork.is_said and not fork.value:
            return "asked for by fork=0"
        for side in _flatten(self.second):
            if side.kind.name in _ONE_SESSION or side.listens or side.kind.role is Role.SERVE:
                return f"{side.kind.name} cannot serve more than one"
        return ""


def _flatten(end: Side | DualSide) -> tuple[Side, ...]:
    return (end.read, end.write) if isinstance(end, DualSide) else (end,)
