"""Giving up privileges at an address that is no listener.

The C program gives them up at each address in turn, so that the second is opened with the rights
that the first has left. Here that is done where there is one session: it holds for the process.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.side import Side
from catflap.relay.opening import trusts_of
from catflap.sandbox.privileges import become
from catflap.survey.accounts import credentials_of, new_root, privilege_options

if TYPE_CHECKING:
    from catflap.bridge.model import DualSide
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Opener, Opening

__all__ = ("LoweringOpener", "lowering_side", "without_privileges")

_PROGRAMS = frozenset({"EXEC", "SYSTEM", "SHELL"})


def lowering_side(end: Side | DualSide) -> Side | None:
    """Return the end if privileges are given up at it, and neither for a listener nor a child.

    Raises:
        UsageError: options contradict each other.
        OperationError: there is no such user or group.
    """
    if not isinstance(end, Side) or end.listens or end.kind.name in _PROGRAMS:
        return None
    if not privilege_options(end):
        return None
    # Mistakes are told before anything is opened.
    credentials_of(end)
    new_root(end)
    return end


def without_privileges(side: Side) -> Side:
    """Return the side without the options that are done here."""
    asked = privilege_options(side)
    kept = tuple(option for option in side.address.options if option not in asked)
    return replace(side, address=replace(side.address, options=kept))


class LoweringOpener:
    """Opens an end and gives up privileges, before if an option says ``early``.

    Args:
        opener: of the end.
        side: the end as it was written.
    """

    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, opener: Opener, side: Side) -> None:
        """Open nothing yet."""
        self._opener = opener
        self._side = side
        names = [option.canonical or "" for option in privilege_options(side)]
        self._is_early = any(name.endswith("-early") for name in names)
        self.trusts = trusts_of(opener)

    @property
    def target(self) -> str:
        """Where it goes."""
        return self._opener.target

    async def open(self, opening: Opening) -> Channel:
        """Open it.

        Raises:
            OperationError: it cannot be opened, or the privileges cannot be given up.
        """
        if self._is_early:
            become(self._side)
        channel = await self._opener.open(opening)
        try:
            if not self._is_early:
                become(self._side)
        except BaseException:
            channel.close(abort=True)
            raise
        return channel

    def close(self) -> None:
        """Let go of what the opener holds."""
        self._opener.close()
