"""What an address goes through instead of a connection of its own (``via=``)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.rows import Group, SocketOption
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import Problem
from catflap.relay.dialogues import wire_of, words_of
from catflap.relay.opening import trusts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.side import Side
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Opening
    from catflap.relay.proxy_header import Greeting

__all__ = ("Carrier",)

_OF_CONNECTIONS = frozenset(
    {
        *("bind", "sourceport", "lowport", "protocol-family", "cloexec"),
        *("shut-none", "shut-down", "shut-close", "shut-null", "end-close"),
    }
)


class Carrier:
    """Opens what an address goes through.

    Args:
        via: the inner address, its target filled in.

    Raises:
        UsageError: the inner address is not built.
        OperationError: a file that it needs cannot be used.
    """

    def __init__(self, via: Side) -> None:
        """Make its opener."""
        from catflap.relay.families import make_opener
        from catflap.relay.preparing import Preparation, PreparedOpener

        self._opener = make_opener(via)
        preparation = Preparation(via, self._opener.takes)
        if preparation:
            self._opener = PreparedOpener(self._opener, preparation)
        self.trusts = trusts_of(self._opener)

    @property
    def target(self) -> str:
        """Where it goes."""
        return self._opener.target

    @staticmethod
    def of(side: Side) -> Carrier | None:
        """Return the carrier of an address; ``None`` where it connects itself.

        Raises:
            UsageError: as above, or an option is for a connection of its own.
            OperationError: as above.
        """
        via = side.via
        if via is None:
            return None
        problems = tuple(_idle_options(side, via))
        if problems:
            raise UsageError(problems[0].sentence(), problems)
        return Carrier(via)

    async def open(self, opening: Opening, seconds: float, greeting: Greeting | None) -> Channel:
        """Open the inner address.

        Args:
            opening: the session it is for.
            seconds: the limit; 0 is none.
            greeting: the PROXY header to send on it.

        Raises:
            OperationError: it cannot be opened in time, or the header cannot be sent.
        """
        try:
            async with asyncio.timeout(seconds or None):
                channel = await self._opener.open(
                    replace(opening, timeout=seconds, reads=True, writes=True)
                )
        except TimeoutError:
            message = f"{self._opener.target} did not answer within {seconds:g} s"
            raise OperationError(message, "connect-timeout=SECONDS changes the limit") from None
        try:
            if greeting is not None:
                await greeting.send_over(wire_of(opening.loop, channel), opening)
        except OSError as error:
            channel.close()
            message = f"the PROXY header could not be sent: {words_of(error)}"
            raise OperationError(message) from error
        except BaseException:
            channel.close()
            raise
        return channel

    def close(self) -> None:
        """Release what the inner address holds between sessions."""
        self._opener.close()


def _idle_options(side: Side, via: Side) -> Iterator[Problem]:
    """Yield a problem for each option that has nothing to act on."""
    for option in side.address.options:
        row = option.row
        if row is None:
            continue
        if row.name in _OF_CONNECTIONS or isinstance(row.applies, SocketOption):
            better = via.kind.name if Group.SOCKET in via.kind.groups else ""
            yield Problem(
                f"{row.name} has no effect on what goes through another address",
                option.span,
                side.source,
                f"{row.name} within via, on {better}" if better else "",
            )
