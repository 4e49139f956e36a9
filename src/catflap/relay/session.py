"""One session, straight on: receive, authorise, open the far side, pump, close."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.core.errors import CatflapError
from catflap.core.nouns import Identity, Peer
from catflap.events.model import NO_TIME
from catflap.relay.admission import LIMIT_RULES, identity_of
from catflap.relay.channel import EXHAUSTED, bytes_wait
from catflap.relay.farewell import leaves_plainly, linger
from catflap.relay.proxy_header import peer_behind
from catflap.relay.pump.pump import Outcome, Pump
from catflap.relay.session_events import closed, connect_failed, denied, handshake_failed, opened
from catflap.relay.tls_environment import tls_environment

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable

    from catflap.core.nouns import CertificateFacts, Decision
    from catflap.relay.admission import Holding
    from catflap.relay.bridging import Bridging
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Opening

__all__ = ("Session",)


_REFUSED = Outcome("near", abort=True)
_PROGRAM_DONE = Outcome("far", "")


class Session:
    """From accept to close.

    A session that need not wait (no handshake, and a far side that connects at once) runs from
    accept to pump in one call; only one that waits gets a task.

    Args:
        bridging: the running bridge it belongs to.
        peer: where it comes from.
        local: the address it came to.
        rule: the rule that admitted it.
    """

    __slots__ = (
        "_accepted",
        "_bridging",
        "_deadline",
        "_far",
        "_near",
        "_opened",
        "_over",
        "_pump",
        "_sock",
        "_task",
        "bridging_epoch",
        "carrier",
        "entry",
        "expires",
        "failure",
        "handshake",
        "holding",
        "id",
        "identity",
        "local",
        "peer",
        "peer_text",
        "reached",
        "rule",
        "started",
        "turned_away",
        "via",
    )

    def __init__(self, bridging: Bridging, peer: Peer, local: Peer | None, rule: str) -> None:
        """Start the clock."""
        self._bridging = bridging
        self.id = bridging.registry.next_id()
        self.peer = peer
        self.peer_text = str(peer)
        self.identity = identity_of(peer)
        self.local = local
        self.rule = rule
        self.started = clock.monotonic()
        self.failure = ""
        self.handshake = NO_TIME
        self.reached = NO_TIME
        self.expires = 0.0
        self.bridging_epoch = bridging.epoch
        self._sock: socket.socket | None = None
        self._accepted = False
        self._near: Channel | None = None
        self._far: Channel | None = None
        self._pump: Pump | None = None
        self._task: asyncio.Task[None] | None = None
        self._opened = False
        self._over = False
        self.turned_away = False
        self.entry = ""
        self.via = ""
        self.carrier: Peer | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self.holding: Holding | None = None
        bridging.admission.begin(self)

    @property
    def bridging(self) -> Bridging:
        """The running bridge it belongs to."""
        return self._bridging

    @property
    def near(self) -> Channel | None:
        """The end that came, once it is open."""
        return self._near

    @property
    def far(self) -> Channel | None:
        """The end that was reached, once it is open."""
        return self._far

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._over

    @property
    def moved(self) -> tuple[int, int]:
        """Bytes so far from the near to the far side, and from the far to the near one."""
        pump = self._pump
        return (pump.sent, pump.received) if pump is not None else (0, 0)

    @property
    def was_opened(self) -> bool:
        """Whether both of its ends came to be open."""
        return self._opened

    def begin(self, sock: socket.socket) -> None:
        """Live on an accepted socket, at once as far as nothing has to be waited for."""
        self._sock = sock
        self._accepted = True
        self._bridging.registry.add(self)
        try:
            near = self._bridging.receive_now(sock, self.peer)
            if near is not None:
                self._near = near
                if self._begin_now(near):
                    return
        except BaseException:
            self.end(Outcome("error", "the session could not begin", abort=True))
            raise
        self._task = self._bridging.loop.loop.create_task(self.live())

    def _begin_now(self, near: Channel) -> bool:
        """Go on without waiting; return whether that was possible."""
        if not self._authorised(near):
            self.end(_REFUSED)
            return True
        if self._bridging.open_now is None:
            return False
        try:
            data_waits = self._sock is not None and bytes_wait(self._sock)
            self._far = self._bridging.open_now(self._opening(), data_waits=data_waits)
        except CatflapError as error:
            self._tell_unreachable(error, self._bridging.far.target)
            self.end(_REFUSED)
            return True
        if self._far is None:
            return False
        self._start(near, self._far)
        return True

    def begin_on(self, near: Channel) -> None:
        """Live on a channel that is open already: the packets of one peer."""
        self._near = near
        self._accepted = True
        self._bridging.registry.add(self)
        try:
            if self._begin_now(near):
                return
        except BaseException:
            self.end(Outcome("error", "the session could not begin", abort=True))
            raise
        self._task = self._bridging.loop.loop.create_task(self.live())

    def begin_with(self, receive: Awaitable[Channel], *, accepted: bool = False) -> None:
        """Live on a channel that is still to be opened.

        Args:
            receive: opens it.
            accepted: whether it is that of a peer who came, and is received with a handshake.
        """
        self._accepted = accepted
        self._bridging.registry.add(self)
        self._task = self._bridging.loop.loop.create_task(self.live(receive))

    async def live(self, receive: Awaitable[Channel] | None = None) -> None:
        """Do what has to be waited for, then let the pump run."""
        try:
            near = self._near
            if near is None:
                near = await self._receive(receive)
                if near is None:
                    if self._sock is not None:
                        await linger(self._bridging.loop, self._sock)
                    self.end(_REFUSED)
                    return
                if near.tls is not None:
                    self.handshake = round(clock.monotonic() - self.started, 6)
                if not self._authorised(near):
                    self.end(_REFUSED)
                    return
            began = clock.monotonic()
            far = await self._reach()
            self.reached = round(clock.monotonic() - began, 6)
            if far is None:
                self.end(_REFUSED)
                return
            self._task = None
            self._start(near, far)
        except asyncio.CancelledError:
            self.cut("shutdown", "the service stops")
        except Exception as error:  # noqa: BLE001 - told now: the task would tell it once it is collected
            self.turned_away = self._near is None
            self.end(Outcome("error", "an unexpected error", abort=True))
            self._bridging.loop.loop.call_exception_handler(
                {"message": f"session {self.id} of {self.peer_text} failed", "exception": error}
            )
        except BaseException:
            self.end(Outcome("error", "an unexpected error", abort=True))
            raise

    async def _receive(self, receive: Awaitable[Channel] | None) -> Channel | None:
        limits = self._bridging.limits
        try:
            async with asyncio.timeout(limits.handshake or None if self._accepted else None):
                if receive is None and self._sock is not None:
                    if not await self._heard_proxy(self._sock):
                        return None
                    receive = self._bridging.receive(self._sock, self.peer)
                if receive is not None:
                    self._near = await receive
        except TimeoutError:
            reason = f"not finished within {limits.handshake:g} s (handshake-timeout)"
            self._tell_handshake("handshake-timeout", reason, None)
        except CatflapError as error:
            if not self._accepted:
                self._tell_unreachable(error, self.peer_text)
                return None
            rule = getattr(error, "rule", "open-failed")
            self._tell_handshake(rule, error.message, getattr(error, "certificate", None))
        return self._near

    async def _heard_proxy(self, sock: socket.socket) -> bool:
        """Learn from a trusted proxy who the peer really is; return whether that one may enter.

        Raises:
            ProxyHeaderError: the proxy does not say it as it should.
        """
        proxies = self._bridging.admission.proxies
        if proxies is None:
            return True
        header = await proxies.read(self._bridging.loop, sock)
        behind = peer_behind(header)
        if behind is not None:
            self.carrier, self.via = self.peer, self.peer_text
            self.peer, self.peer_text = behind, str(behind)
            self.identity = identity_of(behind)
            if header.destination is not None:
                self.local = Peer(header.destination.host, header.destination.port)
        decision = self._bridging.admission.enter_behind(self.peer, self)
        self.rule = decision.rule
        if not decision.allowed:
            self._deny(decision, None)
        return decision.allowed

    def _authorised(self, near: Channel) -> bool:
        if near.peer is not None:
            self.peer, self.peer_text = near.peer, str(near.peer)
            self.local = near.local
        if near.certificate is not None:
            self.identity = Identity(near.certificate, self.peer.credentials)
        decision = self._bridging.admission.authorise(self)
        if decision.allowed:
            decision = self._judged_anew() or decision
        if decision.allowed:
            if near.tls is not None or decision.entry:
                self.rule = decision.rule
            self.entry = decision.entry
            return True
        self._deny(decision, near.certificate)
        return False

    def _judged_anew(self) -> Decision | None:
        """Return the denial of trust or policy that changed while this session waited."""
        bridging = self._bridging
        if self.bridging_epoch == bridging.epoch:
            return None
        self.bridging_epoch = bridging.epoch
        decision = bridging.judging.verdict(self)
        return None if decision.allowed else decision

    def _deny(self, decision: Decision, certificate: CertificateFacts | None) -> None:
        self.failure = f"{decision.rule}: {decision.reason}"
        self.turned_away = True
        if decision.rule in LIMIT_RULES:
            self._bridging.refusals.tell(decision, self.peer_text, self.via)
            return
        self._bridging.admission.offend(self, decision.rule)
        self._bridging.emit(denied(self, decision, certificate))

    def _opening(self) -> Opening:
        opening = self._bridging.opening
        near = self._near
        if self._bridging.hands_over:
            opening = replace(opening, near=near)
        tls = near.tls if near is not None else None
        # A near end that was reached, and did not come, has no address here but may have proved
        # who it is.
        if self.local is not None or tls is not None:
            certificate = near.certificate if near is not None else None
            facts = near.facts if near is not None else None
            opening = replace(
                opening,
                peer=self.peer,
                local=self.local or opening.local,
                tls=tls,
                certificate=certificate,
                session=self.id,
                facts={**(facts or {}), **tls_environment(tls, certificate)},
            )
        return opening

    async def _reach(self) -> Channel | None:
        try:
            self._far = await self._bridging.far.open(self._opening())
        except CatflapError as error:
            self._tell_unreachable(error, self._bridging.far.target)
        return self._far

    def _start(self, near: Channel, far: Channel) -> None:
        bridging = self._bridging
        denial = self._judged_anew()
        if denial is not None:
            self._deny(denial, near.certificate)
            self.end(_REFUSED)
            return
        self._opened = True
        bridging.session_opened(self)
        bridging.emit(opened(self, near, far))
        if far.until is None:
            self._pump = Pump(
                bridging.loop,
                near,
                far,
                bridging.pump_options,
                bridging.pipes,
                bridging.rooms,
                self.end,
            )
        if near.proofs or far.proofs:
            bridging.judging.watch(self)
        if self._pump is not None:
            self._pump.start()
        elif far.until is not None:
            far.until.add_done_callback(lambda _: self.end(_PROGRAM_DONE))
        lifetime = bridging.limits.lifetime
        if lifetime and not self._over:
            left = max(0.0, lifetime - (clock.monotonic() - self.started))
            self._deadline = bridging.loop.call_later(left, self._outlived)

    def _outlived(self) -> None:
        limit = f"lifetime={self._bridging.limits.lifetime:g}"
        self.cut("limit", "it lasted as long as a session may", limit)

    def cut(self, closed_by: str, reason: str, limit: str = "") -> None:
        """End in the middle, because we say so and neither side did.

        Both sides see a reset and no close_notify, never an end: what they got is not whole, and
        who takes it for whole acts on half of a file or of an order. In the dialect of socat they
        see an end, as from the C program.
        """
        abort = self._bridging.pump_options.cuts_reset
        self.end(Outcome(closed_by, reason, abort=abort, limit=limit))

    def end(self, outcome: Outcome) -> None:
        """End: give everything back and say how it was. A second call does nothing."""
        if self._over:
            return
        self._over = True
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.stop()
        if self._deadline is not None:
            self._deadline.cancel()
        near, far = self._near, self._far
        plain = not self._opened and leaves_plainly(self._bridging.bridge.dialect, near)
        abort = outcome.abort and not plain
        # A program that has the near end's descriptors is told by them, before they are closed.
        first_far = far is not None and far.until is not None
        for channel in (far, near) if first_far else (near, far):
            if channel is not None:
                channel.close(abort=abort)
        if self._sock is not None and self._near is None:
            self._sock.close()
        if self._opened:
            self._tell_closed(outcome, pump)
        if self.expires:
            self._bridging.judging.leave(self)
        self._bridging.admission.leave(self)
        self._bridging.registry.forget(self)
        self._bridging.session_over(self)

    def _lost(self, pump: Pump | None) -> int:
        """Return how many packets did not go through, by the flows and by the closed ends."""
        ends = sum(channel.lost for channel in (self._near, self._far) if channel is not None)
        return ends + (pump.lost if pump is not None else 0)

    def give_way(self, decision: Decision) -> None:
        """End in the middle of a handshake, for somebody else."""
        self._deny(decision, None)
        self.shut_down()

    def shut_down(self) -> None:
        """End because the service ends."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
        else:
            self.cut("shutdown", "the service stops")

    def _tell_handshake(self, rule: str, reason: str, facts: CertificateFacts | None) -> None:
        self.failure = reason
        self.turned_away = True
        self._bridging.admission.offend(self, rule)
        self._bridging.emit(handshake_failed(self, rule, reason, facts))

    def _tell_unreachable(self, error: CatflapError, to: str) -> None:
        self.failure = error.message
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in EXHAUSTED:
            self._bridging.out_of_descriptors(cause)
        self._bridging.emit(connect_failed(self, error, to))

    def _tell_closed(self, outcome: Outcome, pump: Pump | None) -> None:
        if (outcome.abort or outcome.failed) and outcome.reason:
            self.failure = outcome.reason
        moved = (pump.sent, pump.received) if pump is not None else (0, 0)
        self._bridging.emit(closed(self, outcome, moved, self._lost(pump)))
