"""DTLS over UDP, both ways: OPENSSL-DTLS-CLIENT and OPENSSL-DTLS-SERVER (RFC 6347)."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, ClassVar

from catflap.core import clock
from catflap.relay.channel import Channel
from catflap.relay.openers.tls import TLS_OPTIONS, prove, settings_of
from catflap.relay.openers.udp import UdpConnector
from catflap.relay.openers.udp_listen import UdpBinder
from catflap.relay.packets.drops import dropped
from catflap.relay.readiness import readable
from catflap.relay.retry import Retry
from catflap.tls.datagrams import Datagrams, Greeter, connecting_datagrams, retransmit_after
from catflap.tls.failure import HandshakeError, HandshakeTimeoutError
from catflap.tls.handshake import Wants, handshake_step
from catflap.tls.stream import facts_of_connection
from catflap.tls.trust import Trust

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from catflap.bridge.side import Side
    from catflap.relay.channel import Writer
    from catflap.relay.opening import Opening
    from catflap.relay.packets.mailbox import Mailbox
    from catflap.relay.poller import Poller

__all__ = ("DtlsListener", "DtlsOpener")

_ROOM = 65_536


class _SocketCarrier:
    """Carries packets by a connected socket of the session's own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def take(self) -> bytes:
        """Return the next packet."""
        return self._sock.recv(_ROOM)

    def write(self, data: bytes) -> int:
        """Send a packet."""
        return self._sock.send(data)

    def waits(self) -> bool:
        """Polling the socket shows all."""
        return False


class _BoxCarrier:
    """Carries the packets of one peer of a shared socket."""

    def __init__(self, box: Mailbox, writer: Writer) -> None:
        self._box = box
        self._writer = writer

    def take(self) -> bytes:
        """Return the next packet."""
        return self._box.take()

    def write(self, data: bytes) -> int:
        """Send a packet."""
        return self._writer.write(data)

    def waits(self) -> bool:
        """Whether packets are there."""
        return self._box.buffered()


async def _shake_hands(
    stream: Datagrams, wait: Callable[[], Awaitable[None]], patience: float = 0.0
) -> None:
    """Drive a handshake to its end, sending flights again that were lost.

    Args:
        stream: both halves.
        wait: returns once a packet is there.
        patience: seconds without one after which it is given up, 0 for no such limit.

    Raises:
        HandshakeError: it failed; the alert that says so has been sent.
    """
    heard = clock.monotonic()
    while True:
        try:
            wants = handshake_step(stream.connection)
        finally:
            stream.flush()
        if wants is Wants.NOTHING:
            return
        try:
            stream.feed()
        except BlockingIOError:
            pass
        except ConnectionRefusedError as error:
            raise HandshakeError("no-answer", "nobody listens there: connection refused") from error
        else:
            heard = clock.monotonic()
            continue
        left = heard + patience - clock.monotonic() if patience else math.inf
        if left <= 0:
            message = f"nothing came within {patience:g} s (so-rcvtimeo)"
            raise HandshakeError("no-answer", message)
        again = retransmit_after(stream.connection)
        try:
            async with asyncio.timeout(left if again is None else min(again, left)):
                await wait()
        except TimeoutError:
            try:
                stream.retransmit()
            except OSError as error:
                raise HandshakeError("no-answer", "the peer stopped to answer") from error


class DtlsOpener(UdpConnector):
    """Connects by DTLS and proves the server's name."""

    takes: ClassVar[frozenset[str]] = UdpConnector.takes | TLS_OPTIONS | {"connect-timeout"}

    def __init__(self, side: Side) -> None:
        """Load certificates and trust.

        Raises:
            OperationError: a file cannot be used.
            UsageError: options contradict each other.
        """
        super().__init__(side)
        self._trust = Trust(settings_of(side))
        self.trusts = (self._trust,)
        self._retry = Retry(side)
        limit = "connect-timeout" if side.last("handshake-timeout") is None else "handshake-timeout"
        self._limit = side.seconds(limit, -1.0)
        self._patience = side.seconds("so-rcvtimeo").value

    async def open(self, opening: Opening) -> Channel:
        """Connect and do the handshake.

        Raises:
            OperationError: nobody answers, or not as it must be.
        """
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        seconds = self._limit.value if self._limit.is_said else opening.patience
        sock = await self.connect(opening)
        try:
            async with asyncio.timeout(seconds or None):
                return await self._secure(opening.loop, sock)
        except TimeoutError:
            sock.close()
            raise HandshakeTimeoutError(self.target, seconds, "DTLS") from None
        except BaseException:
            sock.close()
            raise

    async def _secure(self, loop: Poller, sock: socket.socket) -> Channel:
        material = self._trust.material
        connection = connecting_datagrams(material.context, material.settings.server_name)
        stream = Datagrams(connection, _SocketCarrier(sock), sock.fileno())
        try:
            await _shake_hands(stream, lambda: readable(loop, sock.fileno()), self._patience)
        except HandshakeError as error:
            message = f"{self.target}: {error.message}"
            raise HandshakeError(error.rule, message, error.certificate) from error

        def release(abort: bool) -> None:
            del abort  # as in _release
            channel.lost = dropped(sock)
            stream.end()
            sock.close()

        channel = Channel(stream, stream, self.target, release)
        channel.tls = facts_of_connection(connection)
        if material.settings.verifies:
            prove(self._trust, material, connection, channel)
        return channel


class DtlsListener(UdpBinder):
    """Accepts DTLS peers who show a cookie first and, unless told otherwise, a certificate."""

    takes: ClassVar[frozenset[str]] = UdpBinder.takes | TLS_OPTIONS | {"retry", "forever"}
    shakes_hands: ClassVar[bool] = True

    def __init__(self, side: Side) -> None:
        """Load certificates and trust.

        Raises:
            OperationError: a file cannot be used.
            UsageError: options contradict each other.
        """
        super().__init__(side, one_packet=False)
        self._trust = Trust(settings_of(side))
        self.trusts = (self._trust,)
        self.notes.extend(self._trust.material.notes)
        self._greeter = Greeter()

    def screen(self, packet: bytes, address: object) -> bytes | None:
        """Ask a stranger for the cookie before anything is kept of him."""
        return self._greeter.greet(self._trust.material.context, packet, address)

    async def agree(self, loop: Poller, box: Mailbox, channel: Channel, address: object) -> Channel:
        """Do the handshake and judge what it proved."""
        connection = self._greeter.shown(address)
        # What began the session is in the connection already.
        box.take()
        writer = channel.writer
        if writer is None:
            message = "a DTLS peer without an address"
            raise RuntimeError(message)
        stream = Datagrams(connection, _BoxCarrier(box, writer), watch=box.watch)
        secured = Channel(
            stream,
            stream,
            channel.describe,
            lambda abort: _release(stream, channel, secured, abort),
        )
        secured.peer, secured.local = channel.peer, channel.local
        try:
            await _shake_hands(stream, lambda: _packet(loop, box))
            secured.tls = facts_of_connection(connection)
            material = self._trust.material
            if material.settings.verifies:
                prove(self._trust, material, connection, secured)
        except BaseException:
            channel.close(abort=True)
            raise
        return secured


def _release(stream: Datagrams, carrying: Channel, secured: Channel, abort: bool) -> None:
    """Say goodbye in any case: without it a peer of packets never hears that we are gone.

    It hides no cut, for packets that are missing do not show in an end either.
    """
    stream.end()
    carrying.close(abort=abort)
    secured.lost = carrying.lost


async def _packet(loop: Poller, box: Mailbox) -> None:
    """Wait until a packet is put into a mailbox."""
    future: asyncio.Future[None] = loop.create_future()

    def put() -> None:
        if not future.done():
            future.set_result(None)

    box.watch(put)
    try:
        await future
    finally:
        box.watch(None)
