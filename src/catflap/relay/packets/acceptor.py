"""Sessions for the peers whose packets come; what the Acceptor is for connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.events.model import Denied, Pressure, stamp
from catflap.relay.admission import LIMIT_RULES
from catflap.relay.packets.receiver import Receiver
from catflap.relay.packets.senders import address_towards
from catflap.relay.session import Session

if TYPE_CHECKING:
    from catflap.core.nouns import Decision, Peer
    from catflap.relay.bridging import Bridging
    from catflap.relay.channel import Channel
    from catflap.relay.packets.listener import PacketListener
    from catflap.relay.packets.mailbox import Mailbox

__all__ = ("PacketAcceptor",)

_TOLD_EVERY = 1.0
_PAUSE = 0.05


class PacketAcceptor:
    """Begins sessions from packets of a listener.

    A packet costs its sender nothing and may be forged, so refusals are told once a second for
    each rule, with their number.

    Args:
        waits: at the limit of sessions leave packets in the kernel's buffer, as the C program
            does, instead of refusing them; only where no live session needs them read.
    """

    def __init__(self, bridging: Bridging, listener: PacketListener, *, waits: bool) -> None:
        """Prepare; nothing is read before :meth:`start`."""
        self._bridging = bridging
        self._listener = listener
        self._waits = waits and listener.one_packet
        self._receiver = Receiver(bridging.loop, listener, self)
        self._refused: dict[str, int] = {}
        self._told_at: dict[str, float] = {}

    def start(self) -> None:
        """Begin to take packets."""
        self._receiver.start()

    def stop(self) -> None:
        """Let no more peers in."""
        self._receiver.stop()

    def room(self) -> None:
        """Hear that a session ended."""
        if self._one_by_one or (self._waits and not self._bridging.admission.is_full):
            self._receiver.resume()

    def back_off(self, error: OSError) -> None:
        """Hear that the machine is out of something: read nothing for a moment."""
        what = error.strerror or "no descriptors"
        self._bridging.emit(
            Pressure(time=stamp(), bridge=self._bridging.name, what=what, state="backing off")
        )
        self._receiver.pause()
        self._bridging.loop.call_later(_PAUSE, self._receiver.resume)

    def enter(self, peer: Peer) -> Decision:
        """Decide about a peer."""
        return self._bridging.admission.enter(peer)

    def refuse(self, peer: Peer, decision: Decision) -> None:
        """Tell of refusals."""
        rule = decision.rule
        now = self._bridging.loop.time()
        count = self._refused[rule] = self._refused.get(rule, 0) + 1
        if now - self._told_at.get(rule, -_TOLD_EVERY) < _TOLD_EVERY:
            return
        self._told_at[rule] = now
        del self._refused[rule]
        reason = decision.reason if count == 1 else f"{decision.reason} ({count} packets refused)"
        self._bridging.emit(
            Denied(
                time=stamp(),
                bridge=self._bridging.name,
                session=self._bridging.registry.next_id(),
                peer=str(peer),
                rule=rule,
                reason=reason,
                mend=decision.mend,
                entry=decision.entry,
            )
        )
        if self._waits and rule in LIMIT_RULES:
            self._receiver.pause()

    def begin(self, peer: Peer, decision: Decision, arrival: Channel) -> None:
        """Begin a session on what came."""
        session = self._session(peer, decision, arrival)
        if self._one_by_one:
            self._receiver.pause()
        session.begin_on(self._bridging.limited(arrival))
        if self._waits and self._bridging.admission.is_full:
            self._receiver.pause()

    @property
    def _one_by_one(self) -> bool:
        """Whether no further packet is taken before it is known how this one ends."""
        return self._bridging.single and self._listener.one_packet

    def shake_hands(
        self, peer: Peer, decision: Decision, arrival: Channel, address: object
    ) -> None:
        """Begin a session with a handshake."""
        session = self._session(peer, decision, arrival)
        session.begin_with(self._receive(arrival, address), accepted=True)

    def _session(self, peer: Peer, decision: Decision, arrival: Channel) -> Session:
        local = arrival.local if self._bridging.wants_local else None
        if local is not None and not self._listener.one_packet:
            local = arrival.local = address_towards(peer, local)
        if local is None:
            # Then nobody asks, and a session that knows no address costs less.
            arrival.local = None
        return Session(self._bridging, peer, local, decision.rule)

    async def _receive(self, arrival: Channel, address: object) -> Channel:
        box: Mailbox = arrival.reader  # type: ignore[assignment]
        channel = await self._listener.agree(self._bridging.loop, box, arrival, address)
        return self._bridging.limited(channel)

    def overrun(self, lost: int, *, at_least: bool) -> None:
        """Tell that packets were lost before anybody read them."""
        count = f"at least {lost}" if at_least else f"{lost}"
        what = f"{count} packets came faster than they were read"
        self._bridging.emit(
            Pressure(
                time=stamp(),
                bridge=self._bridging.name,
                what=what,
                state="lost; so-rcvbuf=BYTES makes room for more",
                refused=lost,
            )
        )
