"""The server's end of TLS over what ``via=`` names, for one client that comes by there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from catflap.core.errors import OperationError, UsageError
from catflap.relay.openers.carried import Carrier
from catflap.relay.openers.grounds import ground_of
from catflap.relay.openers.tls import OF_STREAMS, TLS_OPTIONS, prove, settings_of
from catflap.relay.opening import COMMON_OPTIONS
from catflap.relay.readiness import readable
from catflap.tls.failure import HandshakeError
from catflap.tls.handshake import accepting
from catflap.tls.trust import Trust

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Opening

__all__ = ("TlsServerOpener",)

_HANDSHAKE_SECONDS = 10.0


class TlsServerOpener:
    """Waits on a channel for a client's first byte, then does the handshake."""

    takes: ClassVar[frozenset[str]] = COMMON_OPTIONS | TLS_OPTIONS | OF_STREAMS | {"via"}

    def __init__(self, side: Side) -> None:
        """Load certificates and trust.

        Raises:
            OperationError: a file cannot be used.
            UsageError: options contradict each other, or nothing leads to a client.
        """
        carrier = Carrier.of(side)
        if carrier is None:
            message = f"nothing leads to a client of {side.kind.name}"
            raise UsageError(message, hint="via=[ADDRESS]")
        self._carrier = carrier
        self._trust = Trust(settings_of(side))
        self.trusts = (self._trust, *carrier.trusts)
        self._limit = side.seconds("handshake-timeout", _HANDSHAKE_SECONDS).value
        self.target = f"TLS over {carrier.target}"

    async def open(self, opening: Opening) -> Channel:
        """Open the channel, wait for a client without limit, and shake hands within one.

        Raises:
            OperationError: the channel cannot be opened, or the client took too long.
            HandshakeError: the handshake failed.
        """
        carrier = await self._carrier.open(opening, 0.0, None)
        ground = ground_of(opening.loop, carrier)
        try:
            if carrier.reader is not None and carrier.reader.pollable:
                await readable(opening.loop, carrier.reader.descriptor)
            async with asyncio.timeout(self._limit or None):
                material = self._trust.material
                connection = accepting(material.context, ground.sock)
                await ground.handshake(connection)
        except TimeoutError:
            ground.close()
            message = f"{self.target}: no TLS handshake within {self._limit:g} s"
            raise OperationError(message, "handshake-timeout=SECONDS changes the limit") from None
        except HandshakeError as error:
            ground.close()
            message = f"{self.target}: {error.message}"
            raise HandshakeError(error.rule, message, error.certificate) from error
        except BaseException:
            ground.close()
            raise
        channel = ground.channel(connection, self.target, None, material.settings.record)
        if material.settings.verifies:
            try:
                prove(self._trust, material, connection, channel)
            except BaseException:
                channel.close(abort=True)
                raise
        channel.proofs = (*channel.proofs, *ground.proofs)
        return channel

    def close(self) -> None:
        """Release what is gone through."""
        self._carrier.close()
