"""An end of a bridge as an opener: one address, two (dual), or a listener that is waited for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from catflap.bridge.effective import Dialect
from catflap.bridge.model import DualSide
from catflap.core import clock
from catflap.core.errors import CatflapError, OperationError
from catflap.core.nouns import Identity
from catflap.relay.acceptor import peer_from
from catflap.relay.channel import Channel, reset
from catflap.relay.families import make_listener, make_opener
from catflap.relay.opening import trusts_of
from catflap.relay.packets.awaiting import AwaitingPackets
from catflap.relay.packets.bound import BoundOpener
from catflap.relay.packets.listener import PacketListener
from catflap.relay.policing import groups_of
from catflap.relay.preparing import Preparation, PreparedOpener
from catflap.relay.proxy_header import ProxyTrust, peer_behind
from catflap.relay.readiness import readable
from catflap.relay.retry import Retry

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.core.nouns import Decision, Peer
    from catflap.guard.guard import Guard
    from catflap.relay.opening import Listener, Opener, Opening

__all__ = ("Awaiting", "AwaitingOpener", "DualOpener", "make_end")


class Awaiting(Protocol):
    """An opener whose sockets are opened at the start, before privileges are dropped."""

    side: Side

    def listen(self) -> None:
        """Open the sockets.

        Raises:
            OperationError: the address is taken.
        """


class AwaitingOpener:
    """Opens a channel by listening and waiting for one peer."""

    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        side: Side,
        listener: Listener,
        guard: Guard,
        announce: Callable[[Side, Listener], None],
    ) -> None:
        """Prepare; the socket is opened with the others."""
        self.side = side
        self._guard = guard
        self._proxies = ProxyTrust.of(side)
        self._announce = announce
        self._listener = listener
        self._timeout = side.seconds("accept-timeout", 0.0).value
        self.trusts = trusts_of(self._listener)
        self._retry = Retry(side)
        self.target = side.address.name

    async def _listen_late(self) -> None:
        self.listen()

    def listen(self) -> None:
        """Open the listening sockets.

        Raises:
            OperationError: the address is taken.
        """
        self._listener.open()
        self.target = ",".join(self._listener.describe())
        self._announce(self.side, self._listener)

    async def open(self, opening: Opening) -> Channel:
        """Wait for a peer that the guard admits.

        Strangers who are turned away do not count: a port scan must not end what waits for its
        peer. In the dialect of socat the first who comes is the one, as in the C program.

        Raises:
            OperationError: none came within accept-timeout.
        """
        if not self._listener.sockets:
            await self._retry.run(opening, self._listen_late)
        try:
            async with asyncio.timeout(self._timeout or None) as patience:
                while True:
                    sock, peer = await self._accept(opening)
                    until = patience.when()
                    patience.reschedule(None)
                    try:
                        return await self._received(opening, sock, peer)
                    except CatflapError as error:
                        if self.side.dialect is Dialect.SOCAT:
                            raise
                        opening.notice(f"refused {peer}: {error.message}")
                    patience.reschedule(until)
        except TimeoutError:
            message = f"nobody connected to {self.target} within {self._timeout:g} s"
            raise OperationError(message, "accept-timeout=SECONDS changes the limit") from None

    async def _received(self, opening: Opening, sock: socket.socket, peer: Peer) -> Channel:
        """Return the channel of a peer who came, once it has said what it must.

        Raises:
            OperationError: it does not, or is not let in.
        """
        try:
            async with asyncio.timeout(opening.timeout or None):
                peer = await self._speaks_for(opening, sock, peer)
                channel = await self._listener.receive(opening.loop, sock, peer)
        except TimeoutError:
            sock.close()
            message = f"{peer} did not finish the handshake within {opening.timeout:g} s"
            raise OperationError(message, "connect-timeout changes the limit") from None
        except BaseException:
            sock.close()
            raise
        identity = Identity(channel.certificate, peer.credentials)
        groups = groups_of(peer.credentials) if peer.credentials is not None else ()
        decision = self._guard.authorise(identity, clock.now(), groups)
        if not decision.allowed:
            channel.close(abort=True)
            raise OperationError(f"{peer} is refused: {decision.rule}: {decision.reason}")
        return channel

    async def _speaks_for(self, opening: Opening, sock: socket.socket, peer: Peer) -> Peer:
        """Return the peer, or whom it speaks for where only proxies come.

        Raises:
            OperationError: it does not say so, or that one may not enter.
        """
        if self._proxies is None:
            return peer
        behind = peer_behind(await self._proxies.read(opening.loop, sock)) or peer
        decision = self._guard.admit(behind, clock.now())
        if not decision.allowed:
            raise OperationError(f"{behind} is refused: {decision.rule}: {decision.reason}")
        return behind

    async def _accept(self, opening: Opening) -> tuple[socket.socket, Peer]:
        while True:
            waits = [
                opening.loop.loop.create_task(readable(opening.loop, sock.fileno()))
                for sock in self._listener.sockets
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
                await asyncio.gather(*waits, return_exceptions=True)
            for listening in self._listener.sockets:
                found = self._try_accept(listening, opening)
                if found is not None:
                    return found

    def _try_accept(
        self, listening: socket.socket, opening: Opening
    ) -> tuple[socket.socket, Peer] | None:
        try:
            sock, address = listening.accept()
        except BlockingIOError:
            return None
        except OSError as error:
            message = f"{self.target} cannot accept: {error.strerror}"
            raise OperationError(message) from error
        sock.setblocking(False)
        peer = peer_from(sock, address)
        decision = self._admitted(peer) if peer is not None else None
        if peer is None or decision is None or not decision.allowed:
            reset(sock)
            sock.close()
            opening.notice(f"refused {peer}: {decision.rule if decision else 'unreadable peer'}")
            return None
        return sock, peer

    def _admitted(self, peer: Peer) -> Decision:
        if self._proxies is not None:
            return self._proxies.admit(peer)
        return self._guard.admit(peer, clock.now())

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


class DualOpener:
    """Opens two addresses: reads from the first, writes to the second."""

    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, read: Opener, write: Opener) -> None:
        """Join two openers."""
        self._read = read
        self._write = write
        self.trusts = (*trusts_of(read), *trusts_of(write))
        self.target = f"{read.target}!!{write.target}"

    async def open(self, opening: Opening) -> Channel:
        """Open both, each for its direction."""
        read = await self._read.open(replace(opening, reads=True, writes=False))
        try:
            write = await self._write.open(replace(opening, reads=False, writes=True))
        except BaseException:
            read.close()
            raise

        def release(abort: bool) -> None:
            """Give back what this session holds."""
            read.close(abort=abort)
            write.close(abort=abort)

        channel = Channel(read.reader, write.writer, self.target, release)
        channel.tells_end = read.tells_end
        channel.tls = read.tls or write.tls
        channel.certificate = read.certificate or write.certificate
        channel.proofs = (*read.proofs, *write.proofs)
        return channel

    def close(self) -> None:
        """Close both."""
        self._read.close()
        self._write.close()


def make_end(
    end: Side | DualSide,
    guard_of: Callable[[Side], Guard],
    announce: Callable[[Side, Listener], None],
) -> tuple[Opener, list[Awaiting]]:
    """Return an opener for an end, and the listeners in it that are to be opened at start.

    Raises:
        UsageError: a kind or option is not built yet.
        OperationError: a file it needs cannot be used.
    """
    if isinstance(end, DualSide):
        read, first = make_end(end.read, guard_of, announce)
        write, second = make_end(end.write, guard_of, announce)
        return DualOpener(read, write), [*first, *second]
    waiting: list[Awaiting] = []
    opener: Opener
    made: object = make_listener(end) if end.serves_streams else make_opener(end)
    if isinstance(made, PacketListener):
        awaiting_packets = AwaitingPackets(made, guard_of(end), announce)
        waiting.append(awaiting_packets)
        opener = awaiting_packets
    elif end.serves_streams:
        awaiting = AwaitingOpener(end, cast("Listener", made), guard_of(end), announce)
        waiting.append(awaiting)
        opener = awaiting
    else:
        opener = cast("Opener", made)
        if isinstance(made, BoundOpener):
            made.guard = guard_of(end)
            made.announce = announce
            waiting.append(made)
    preparation = Preparation(end, type(made).takes)  # type: ignore[attr-defined]
    if preparation:
        opener = PreparedOpener(opener, preparation)
    return opener, waiting
