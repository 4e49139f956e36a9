"""A bridge that runs: its listener or opener, its guard, its sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from catflap.address.rows import Transport
from catflap.bridge.effective import Dialect
from catflap.bridge.policy import Policy
from catflap.bridge.side import Side
from catflap.core.nouns import Peer
from catflap.events.model import Event, Listening, Notice, stamp
from catflap.guard.guard import Guard
from catflap.guard.limits import caps_of
from catflap.relay.acceptor import Acceptor
from catflap.relay.admission import Admission
from catflap.relay.crls import with_lists
from catflap.relay.ends import make_end
from catflap.relay.families import make_listener
from catflap.relay.handing_over import check_handing_over, hands_over
from catflap.relay.judging import Judging
from catflap.relay.manner import limits_of, pump_options_of
from catflap.relay.namespaces import check_inside, inside
from catflap.relay.opening import Opening, PromptListener, PromptOpener, trusts_of
from catflap.relay.packets.acceptor import PacketAcceptor
from catflap.relay.packets.listener import PacketListener
from catflap.relay.policing import guard_of
from catflap.relay.preparing import Preparation
from catflap.relay.proxy_header import ProxyTrust
from catflap.relay.pump.pipes import PipePool
from catflap.relay.pump.quiet import QuietRooms
from catflap.relay.refusals import Refusals
from catflap.relay.renewing import Renewing
from catflap.relay.replacing import Replacement
from catflap.relay.retry import Retry
from catflap.relay.session import Session

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable

    from catflap.bridge.model import Bridge, DualSide
    from catflap.relay.channel import Channel
    from catflap.relay.counters import Counters
    from catflap.relay.ends import Awaiting
    from catflap.relay.opening import Listener, Opener
    from catflap.relay.poller import Poller
    from catflap.relay.registry import Registry
    from catflap.tls.trust import Trust

__all__ = ("Bridging",)

_CONTAINER = (
    "in a container: a published port will not reach loopback; "
    "bind=0.0.0.0 with mutual TLS or range= does"
)
_SHAKING = frozenset({Transport.TLS, Transport.DTLS})
_CHILDREN = frozenset({"EXEC", "SYSTEM", "SHELL"})


def _no_gate(_: Bridge) -> None:
    """Let everything through: who has a gate says so."""


class Bridging:
    """Everything that the sessions of one bridge share.

    Args:
        emit: takes events.
        log_is_full: whether events can no longer be taken.
        taps: see the payload of both directions, when somebody asked for that.
        counters: of the service, where several processes serve.
        heir_of: the same bridge in the process that this one was forked from: its listener, whose
            sockets are open, and its far side, whose files are read, are used as they are.
    """

    is_one_of_several = False
    """Whether other processes serve it too, one of which tells what all find out."""
    gate: Callable[[Bridge], None] = staticmethod(_no_gate)
    """Raises a RefusedError when the bridge must not go on with its files as they are now."""

    def __init__(  # noqa: PLR0913 - what a running bridge is made of
        self,
        bridge: Bridge,
        loop: Poller,
        registry: Registry,
        emit: Callable[[Event], None],
        log_is_full: Callable[[], bool],
        taps: tuple[Callable[[bytes], None] | None, Callable[[bytes], None] | None] = (None, None),
        counters: Counters | None = None,
        heir_of: Bridging | None = None,
    ) -> None:
        """Build openers and listeners; nothing is opened before :meth:`open`.

        Raises:
            UsageError: something is not built yet, or contradicts itself.
            OperationError: a file cannot be used.
        """
        self.bridge = bridge
        self.name = bridge.name
        self.in_container = False
        self.loop = loop
        self.registry = registry
        self.emit = emit
        self.log_is_full = log_is_full
        self.limits = limits_of(bridge)
        self.pump_options = pump_options_of(bridge, self.limits, taps)
        self.opening = self._make_opening()
        self.refusals = Refusals(loop, bridge.name, emit, registry.next_id)
        self.pipes = PipePool()
        self.rooms = QuietRooms(loop)
        self.over: asyncio.Future[Session] = loop.create_future()
        self.epoch = 0
        self.judging = Judging(self)
        self.renewing = Renewing(self)
        self.retired: list[Opener] = []
        self._taps = taps
        self._heir_of = heir_of
        self.ends = with_lists(bridge)
        first, second = self.ends
        self.hands_over = hands_over(second)
        self.serves = isinstance(first, Side) and (first.serves_streams or first.serves_messages)
        self.single = bool(bridge.single_session_reason)
        self._untold: list[Event] | None = [
            Notice(time=stamp(), bridge=self.name, message=message)
            for message in check_handing_over(first, second, watched=any(taps))
        ]
        self._listener: Listener | PacketListener | None = None
        self._near: Opener | None = None
        self._acceptor: Acceptor | PacketAcceptor | None = None
        self._receive_now: Callable[[socket.socket, Peer], Channel] | None = None
        self._preparation: Preparation | None = None
        self._begun: Preparation | None = None
        self._waiting: list[Awaiting] = []
        self.admission = self._make_near_end(first, counters)
        self.far = self._make_far_end(second)
        self.open_now = self.far.open_now if isinstance(self.far, PromptOpener) else None
        self.wants_local = any(_wants_local(side) for side in bridge.sides)

    def _make_opening(self) -> Opening:
        return Opening(
            loop=self.loop,
            timeout=self.limits.connect,
            # That of the bridge: what a listener says of itself is about its own peers.
            handshake=self.bridge.limits.handshake,
            reads=self.pump_options.backward,
            writes=self.pump_options.forward,
            notice=self.notice,
        )

    def _make_near_end(self, first: Side | DualSide, counters: Counters | None) -> Admission:
        """Make what takes peers in, or what is opened for the one session; return who may enter."""
        guard, proxies = Guard(), None
        if isinstance(first, Side) and self.serves:
            guard = guard_of(first, self.bridge.policy)
            proxies = ProxyTrust.of(first)
            self._acceptor = self._acceptor_of(first)
            self._preparation = _preparation(first, self._listener)
        else:
            self._near, waiting = make_end(first, self._guard_of, self.announce)
            self._waiting.extend(waiting)
        return Admission(
            guard,
            self.registry,
            self.log_is_full,
            proxies,
            caps=caps_of(self.limits, safe=self.bridge.dialect is Dialect.CATFLAP),
            shakes=proxies is not None or _has_handshake(first),
            name=self.name,
            counters=counters,
        )

    def _make_far_end(self, second: Side | DualSide) -> Opener:
        if self._heir_of is not None:
            return self._heir_of.far
        far, waiting = make_end(second, self._guard_of, self.announce)
        self._waiting.extend(waiting)
        return far

    def _acceptor_of(self, first: Side) -> Acceptor | PacketAcceptor:
        waits = first.dialect is Dialect.SOCAT
        made: object = make_listener(first) if self._heir_of is None else self._heir_of.listener
        if isinstance(made, PacketListener):
            self._listener = made
            return PacketAcceptor(self, made, waits=waits)
        listener = cast("Listener", made)
        self._listener = listener
        if isinstance(listener, PromptListener):
            self._receive_now = listener.receive_now
        return Acceptor(self, listener, waits=waits)

    def _guard_of(self, side: Side) -> Guard:
        """Return the guard of a listener that is waited for: the policy is for the first one."""
        return guard_of(side, Policy() if self.serves else self.bridge.policy)

    @property
    def trusts(self) -> tuple[Trust, ...]:
        """By what its ends judge certificates now."""
        ends = (self._listener, self._near, self.far)
        return tuple(trust for end in ends for trust in trusts_of(end))

    @property
    def listener(self) -> Listener | PacketListener | None:
        """What waits for peers, where something does."""
        return self._listener

    @property
    def acceptor(self) -> Acceptor | PacketAcceptor | None:
        """What takes them in."""
        return self._acceptor

    def take_listener(self, other: Bridging) -> None:
        """Receive peers by the listener of another bridge, which was made to replace this one."""
        self._listener = other._listener
        self._receive_now = other._receive_now
        self._preparation = other._preparation

    def reload(self, reason: str) -> bool:
        """Read certificates, keys, authorities and revocation lists again; all of them or none.

        Args:
            reason: who asked, for the event.

        Returns:
            Whether what was read holds now; if not, what held before goes on to hold.
        """
        return self.renewing.reload(reason)

    def changed(self) -> None:
        """Hear that trust or policy is another one: judge anew who was admitted by the last."""
        self.epoch += 1
        self.judging.judge_all()

    def replace(self, bridge: Bridge) -> None:
        """Let another model take this bridge's place: everything of it, or nothing.

        New connections live by it at once, and sessions that live are judged by its policy and
        trust; none that is still allowed is ended. A far side or a listener that did not change
        stays as it is; a listener at another address is opened before the old one is closed.

        Args:
            bridge: of the same name.

        Raises:
            UsageError: it cannot be, or one of the two serves one session only.
            OperationError: a file or an address cannot be used.
        """
        self.prepare(bridge).commit()

    def prepare(self, bridge: Bridge) -> Replacement:
        """Do all of :meth:`replace` that can fail, so that several bridges change together.

        Returns:
            What is then committed, which cannot fail, or cancelled.

        Raises:
            UsageError: it cannot be, or one of the two serves one session only.
            OperationError: a file or an address cannot be used.
        """
        arguments = (self.loop, self.registry, self.emit, self.log_is_full, self._taps)
        return Replacement(self, Bridging(bridge, *arguments))

    def notice(self, message: str) -> None:
        """Tell a person something."""
        self.emit(Notice(time=stamp(), bridge=self.name, message=message))

    def notice_of_files(self, message: str) -> None:
        """Tell a person something of the files, unless another process tells it for all."""
        if not self.is_one_of_several:
            self.notice(message)

    def announce(self, side: Side, listener: Listener | PacketListener) -> None:
        """Tell where a listener that is open listens, and what it has to say."""
        notes = list(listener.notes)
        unsaid = side.is_internet and not side.bind_hosts.is_said and side.is_loopback_only
        if self.in_container and unsaid:
            notes.append(_CONTAINER)
        event = Listening(
            time=stamp(),
            bridge=self.name,
            address=side.address.name,
            on=listener.describe(),
            note="; ".join(notes),
        )
        if self._untold is None:
            self.emit(event)
        else:
            self._untold.append(event)

    @property
    def listening_on(self) -> tuple[str, ...]:
        """The addresses it really listens on."""
        return self._listener.describe() if self._listener is not None else ()

    async def open(self) -> None:
        """Open every listening socket, as often as ``retry`` asks.

        Raises:
            OperationError: one cannot be opened; those before it are closed again.
        """
        try:
            if self._listener is not None and isinstance(self.bridge.first, Side):
                if self._preparation is not None:
                    await self._preparation.begin()
                    self._begun = self._preparation
                await self._listen(self.bridge.first, self._listener.open)
                check_inside(self.bridge.first, self._listener.sockets)
                if self._preparation is not None and isinstance(self._listener, PacketListener):
                    for sock in self._listener.sockets:
                        self._preparation.prepare_socket(sock.fileno())
                self.announce(self.bridge.first, self._listener)
            for waiting in self._waiting:
                await self._listen(waiting.side, waiting.listen)
        except BaseException:
            self.close()
            raise

    async def _listen(self, side: Side, listen: Callable[[], None]) -> None:
        async def attempt() -> None:
            with inside(side):
                listen()

        await Retry(side).run(self.opening, attempt)

    def out_of_descriptors(self, error: OSError) -> None:
        """Hear that a far side could not be opened for want of something: accept slower."""
        if self._acceptor is not None:
            self._acceptor.back_off(error)

    def hold(self) -> None:
        """Tell who listens, and look after its files; serving may be for other processes.

        Only now is it told who listens: whoever reads that may count on dropped privileges.
        """
        untold, self._untold = self._untold or [], None
        for event in untold:
            self.emit(event)
        self.renewing.start()

    def start(self) -> None:
        """Serve, or begin the one session."""
        self.hold()
        self.judging.start()
        if self._acceptor is not None:
            self._acceptor.start()
            return
        near = self._near
        if near is None:
            return
        session = Session(self, Peer(near.target), None, "local")
        session.begin_with(self._open_near(near))

    async def _open_near(self, near: Opener) -> Channel:
        opening = replace(
            self.opening, reads=self.pump_options.forward, writes=self.pump_options.backward
        )
        return await near.open(opening)

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel | None:
        """Make the near channel of an accepted socket, if that takes no waiting."""
        if self._receive_now is None or self.admission.proxies is not None:
            return None
        if self._preparation is not None and self._preparation.touches_channels:
            return None
        return self._receive_now(sock, peer)

    async def receive(self, sock: socket.socket, peer: Peer) -> Channel:
        """Make the near channel of an accepted socket."""
        listener = self._listener
        if listener is None or isinstance(listener, PacketListener):
            message = "a bridge without a listener receives nobody"
            raise RuntimeError(message)
        channel = await listener.receive(self.loop, sock, peer)
        if self._preparation is None:
            return channel
        return await self._preparation.prepare(channel, self.limits.connect)

    def limited(self, near: Channel) -> Channel:
        """Return the near channel with its side's limits on reading."""
        return near if self._preparation is None else self._preparation.limit(near)

    def session_opened(self, session: Session) -> None:
        """Hear that a session is open: a bridge for one session accepts no more."""
        self.registry.served += 1
        if self.single:
            self.take_no_more()
            for other in self.registry:
                if other is not session:
                    other.shut_down()

    def session_over(self, session: Session) -> None:
        """Hear that a session is over.

        A bridge for one session is over with it, unless it was a stranger that was turned away:
        a port scan must not end what waits for its peer.
        """
        waits_on = self._acceptor is not None and session.turned_away
        displaced = self._acceptor is not None and not session.was_opened and not session.failure
        if self.single and not waits_on and not displaced and not self.over.done():
            self.over.set_result(session)
        if self._acceptor is not None:
            self._acceptor.room()

    def take_no_more(self) -> None:
        """Hear that the only session has begun: nobody else is accepted."""
        self.stop_accepting()

    def stop_accepting(self) -> None:
        """Accept no more and give the address free; live sessions go on, and are judged."""
        if not self.single:
            self.renewing.stop()
        if self._acceptor is not None:
            self._acceptor.stop()
        if self._listener is not None:
            self._listener.close()

    def close(self) -> None:
        """Release everything that is not a session."""
        self.refusals.flush()
        self.stop_accepting()
        self.renewing.stop()
        self.judging.close()
        while self.retired:
            self.retired.pop().close()
        if self._near is not None:
            self._near.close()
        self.far.close()
        self.pipes.close()
        if self._begun is not None:
            self._begun.end()


def _has_handshake(end: Side | DualSide) -> bool:
    return isinstance(end, Side) and end.kind.transport in _SHAKING


def _wants_local(side: Side) -> bool:
    """Whether it has to be told to which of our addresses a peer came."""
    return side.kind.name in _CHILDREN or side.last("send-proxy") is not None


def _preparation(side: Side, listener: object) -> Preparation | None:
    """Return what the options of a listener ask for besides what it does itself."""
    found = Preparation(side, type(listener).takes)  # type: ignore[attr-defined]
    return found or None
