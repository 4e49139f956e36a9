"""Packet listeners where no session is served after another: the first packet is waited for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from catflap.core import clock
from catflap.core.errors import OperationError
from catflap.core.nouns import Identity
from catflap.relay.packets.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.core.nouns import Decision, Peer
    from catflap.guard.guard import Guard
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Listener, Opening
    from catflap.relay.packets.listener import PacketListener

__all__ = ("AwaitingPackets",)


class AwaitingPackets:
    """Opens a channel by waiting for the first packet of a peer that the guard admits."""

    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        listener: PacketListener,
        guard: Guard,
        announce: Callable[[Side, Listener], None],
    ) -> None:
        """Prepare; the socket is opened with the others."""
        self.side = listener.side
        self._listener = listener
        self._guard = guard
        self._announce = announce
        self._timeout = self.side.seconds("accept-timeout", 0.0).value
        self.target = self.side.address.name

    def listen(self) -> None:
        """Bind.

        Raises:
            OperationError: the address is taken.
        """
        self._listener.open()
        self.target = ",".join(self._listener.describe())
        self._announce(self.side, self._listener)  # type: ignore[arg-type]

    async def open(self, opening: Opening) -> Channel:
        """Wait for a packet; a listener that is asked again opens its socket again.

        Raises:
            OperationError: none came within accept-timeout.
        """
        if not self._listener.sockets:
            self.listen()
        waiting = _Waiting(self._guard, opening)
        receiver = waiting.receiver = Receiver(opening.loop, self._listener, waiting)
        receiver.start()
        try:
            async with asyncio.timeout(self._timeout or None):
                arrival, address = await waiting.arrived
        except TimeoutError:
            message = f"nobody sent a packet to {self.target} within {self._timeout:g} s"
            raise OperationError(message, "accept-timeout=SECONDS changes the limit") from None
        finally:
            receiver.stop()
        return await self._agreed(opening, arrival, address)

    async def _agreed(self, opening: Opening, arrival: Channel, address: object) -> Channel:
        channel = arrival
        try:
            if self._listener.shakes_hands:
                async with asyncio.timeout(opening.timeout or None):
                    channel = await self._listener.agree(
                        opening.loop,
                        arrival.reader,  # type: ignore[arg-type]
                        arrival,
                        address,
                    )
        except TimeoutError:
            arrival.close(abort=True)
            message = (
                f"{arrival.describe} did not finish the handshake within {opening.timeout:g} s"
            )
            raise OperationError(message, "connect-timeout changes the limit") from None
        except BaseException:
            arrival.close(abort=True)
            raise
        decision = self._guard.authorise(Identity(channel.certificate), clock.now())
        if not decision.allowed:
            channel.close(abort=True)
            message = f"{channel.describe} is refused: {decision.rule}: {decision.reason}"
            raise OperationError(message)
        return channel

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


class _Waiting:
    """Who a receiver works for while one peer is waited for."""

    def __init__(self, guard: Guard, opening: Opening) -> None:
        self._guard = guard
        self._opening = opening
        self._refused: set[str] = set()
        self.receiver: Receiver | None = None
        self.arrived: asyncio.Future[tuple[Channel, object]] = opening.loop.create_future()

    def enter(self, peer: Peer) -> Decision:
        """Decide about a peer."""
        return self._guard.admit(peer, clock.now() if self._guard.is_timed else 0.0)

    def refuse(self, peer: Peer, decision: Decision) -> None:
        """Tell of the first refusal of each peer's host, as far as a few hundred go."""
        if peer.host not in self._refused and len(self._refused) < 256:
            self._refused.add(peer.host)
            self._opening.notice(f"refused {peer}: {decision.rule}: {decision.reason}")

    def begin(self, peer: Peer, decision: Decision, arrival: Channel) -> None:
        """Take the first and no other."""
        del peer, decision
        self._take(arrival, None)

    def shake_hands(
        self, peer: Peer, decision: Decision, arrival: Channel, address: object
    ) -> None:
        """Take the first and no other."""
        del peer, decision
        self._take(arrival, address)

    def _take(self, arrival: Channel, address: object) -> None:
        if self.arrived.done():
            arrival.close(abort=True)
            return
        self.arrived.set_result((arrival, address))
        if self.receiver is not None:
            # At once: a packet that is read now would be nobody's.
            self.receiver.stop()

    def overrun(self, lost: int, *, at_least: bool) -> None:
        """Tell that packets were lost."""
        count = f"at least {lost}" if at_least else f"{lost}"
        self._opening.notice(f"{count} packets came faster than they were read")
