"""What TLS stands on: a socket that is ours, or any channel (``via=``)."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING, Protocol

from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, reset
from catflap.relay.dialogues import own_socket, words_of
from catflap.relay.readiness import Waiter, readable, writable
from catflap.tls.handshake import Wants, handshake_step
from catflap.tls.layered import Layer, LayerReader, LayerWriter
from catflap.tls.stream import TlsStream, facts_of_connection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from catflap.relay.poller import Poller
    from catflap.tls.handshake import Connection
    from catflap.tls.trust import Proof

__all__ = ("ChannelGround", "Ground", "SocketGround", "ground_of")


class Ground(Protocol):
    """Where a TLS connection is made."""

    @property
    def sock(self) -> socket.socket | None:
        """What the library works on; nothing where it works in memory."""

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """What the carrier was proved by itself."""

    async def handshake(self, connection: Connection) -> None:
        """Drive a handshake to its end.

        Raises:
            HandshakeError: it failed; the alert that says so has been sent.
        """

    def channel(
        self,
        connection: Connection,
        describe: str,
        keep: Callable[[TlsStream], None] | None,
        record: int,
    ) -> Channel:
        """Return the channel of an established connection.

        Args:
            connection: after its handshake.
            describe: it, for events.
            keep: is given the stream of a session that ended well.
            record: most bytes of data in one record that is sent.
        """

    def close(self) -> None:
        """Give everything back when nothing came of it."""


class SocketGround:
    """A connected socket.

    Args:
        loop: where it is polled.
        sock: not blocking; closed with the channel.
        carrier: the channel that the socket belongs to, if it does to one.
    """

    def __init__(self, loop: Poller, sock: socket.socket, carrier: Channel | None = None) -> None:
        """Take the socket over."""
        self.sock = sock
        self.proofs = carrier.proofs if carrier is not None else ()
        self._loop = loop
        self._carrier = carrier

    async def handshake(self, connection: Connection) -> None:
        """Drive a handshake to its end.

        Raises:
            HandshakeError: it failed; the alert that says so has been sent.
        """
        waiter = Waiter(self._loop, self.sock.fileno())
        try:
            while (wants := handshake_step(connection)) is not Wants.NOTHING:
                if wants is Wants.READ:
                    await waiter.readable()
                else:
                    await waiter.writable()
        except BaseException:
            waiter.leave()
            raise
        waiter.park()

    def channel(
        self,
        connection: Connection,
        describe: str,
        keep: Callable[[TlsStream], None] | None,
        record: int,
    ) -> Channel:
        """Return the channel of an established connection."""
        loop, sock, stream = self._loop, self.sock, TlsStream(connection, self.sock)
        stream.record = record

        def release(abort: bool) -> None:
            loop.remove_reader(sock.fileno())
            if abort:
                reset(sock)
            else:
                with contextlib.suppress(BlockingIOError):
                    stream.end()
                if keep is not None:
                    keep(stream)
            self.close()

        channel = Channel(stream, stream, describe, release)
        channel.tls = facts_of_connection(connection)
        return channel

    def close(self) -> None:
        """Close the socket, and what it belongs to."""
        self.sock.close()
        if self._carrier is not None:
            self._carrier.close()


class ChannelGround:
    """Any channel that goes both ways.

    Args:
        loop: where its descriptors are polled.
        carrier: closed with the channel over it.
    """

    sock: socket.socket | None = None

    def __init__(self, loop: Poller, carrier: Channel) -> None:
        """Take the channel over."""
        self.proofs = carrier.proofs
        self._loop = loop
        self._carrier = carrier
        self._layer: Layer | None = None

    async def handshake(self, connection: Connection) -> None:
        """Drive a handshake to its end.

        Raises:
            HandshakeError: it failed; the alert that says so has been sent.
            OperationError: the carrier broke.
        """
        reader, writer = self._carrier.reader, self._carrier.writer
        if reader is None or writer is None:
            raise OperationError(f"{self._carrier.describe} goes one way only; TLS needs both")
        layer = self._layer = Layer(connection, reader, writer)
        try:
            while (wants := layer.handshake_step()) is not Wants.NOTHING:
                if wants is Wants.READ:
                    await readable(self._loop, reader.descriptor)
                else:
                    await writable(self._loop, writer.descriptor)
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            message = f"{self._carrier.describe} broke off: {words_of(error)}"
            raise OperationError(message) from error

    def channel(
        self,
        connection: Connection,
        describe: str,
        keep: Callable[[TlsStream], None] | None,
        record: int,
    ) -> Channel:
        """Return the channel of an established connection."""
        layer, carrier = self._layer, self._carrier
        if layer is None:
            raise OSError(errno.ENOTCONN, "there was no handshake")
        layer.stream.record = record

        def release(abort: bool) -> None:
            if not abort:
                with contextlib.suppress(OSError):
                    layer.end()
                if keep is not None:
                    keep(layer.stream)
            carrier.close(abort=abort)

        channel = Channel(LayerReader(layer), LayerWriter(layer), describe, release)
        channel.tls = facts_of_connection(connection)
        return channel

    def close(self) -> None:
        """Close the carrier."""
        self._carrier.close()


def ground_of(loop: Poller, carrier: Channel) -> Ground:
    """Return the ground for TLS over a channel: its socket where it is nothing but one."""
    sock = own_socket(carrier)
    if sock is not None:
        return SocketGround(loop, sock, carrier)
    return ChannelGround(loop, carrier)
