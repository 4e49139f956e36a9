"""The halves of a packet socket that is one session's own."""

from __future__ import annotations

import contextlib
import errno
import select
import socket
from typing import TYPE_CHECKING

from catflap.relay.channel import PACKETS_END, Channel, Ending
from catflap.relay.packets.ancillary import told_receive
from catflap.relay.packets.drops import dropped
from catflap.relay.packets.inbox import ask_joined, inbox_for
from catflap.relay.packets.outbox import Name, outbox
from catflap.relay.packets.segmenting import learn, narrow, send_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catflap.relay.channel import Reader, Writer
    from catflap.relay.packets.batch import Batch
    from catflap.relay.packets.inbox import Inbox

__all__ = (
    "ConnectedHalf",
    "MergedReader",
    "PacketReader",
    "PacketWriter",
    "packet_channel",
    "tells_empty",
)

_CONNECTED = Name()
_REFUSED_AT_ONCE = 64
"""How many packets of strangers one wake-up drops before others have their turn."""


def _never() -> bool:
    return False


def _no_batches(*_: object) -> int:
    """Stand where nobody has asked whether batches are taken."""
    raise OSError(errno.EOPNOTSUPP, "packets are written one by one here")


def tells_empty(sock: socket.socket) -> bool:
    """Whether an empty read is an empty packet; a SOCK_SEQPACKET socket has ended then."""
    return sock.type != socket.SOCK_SEQPACKET


class ConnectedHalf:
    """Both halves of a connected packet socket.

    Args:
        ending: ``Ending.NULL`` sends an empty packet at the end, the only word packets have
            for it.
        null_ends: whether an empty packet that comes is the end (``null-eof``).
        gives_up: whether a refusal by the far host (ICMP) ends the session, as in the C program.
    """

    __slots__ = (
        "_empty_ends",
        "_ended",
        "_heard",
        "_put",
        "bare",
        "boundaries",
        "buffered",
        "bursts",
        "closes",
        "descriptor",
        "ending",
        "gives_up",
        "largest",
        "pollable",
        "read_into",
        "socket",
        "write",
    )

    def __init__(
        self,
        sock: socket.socket,
        *,
        ending: str = Ending.NONE,
        null_ends: bool = False,
        gives_up: bool = False,
    ) -> None:
        """Bind the calls of the data path once."""
        self.socket = sock
        self.descriptor = sock.fileno()
        self.pollable = True
        self.bare = True
        self.closes = True
        self.boundaries = True
        self.ending = ending
        self.gives_up = gives_up
        self.buffered: Callable[[], bool] = _never
        self.read_into: Callable[..., int] = sock.recv_into
        self.write: Callable[..., int] = sock.send
        self._empty_ends = null_ends or not tells_empty(sock)
        self._ended = False
        self._heard = False
        self.largest: int | None = None
        self._put: Callable[..., int] = _no_batches
        self.bursts = not (self._empty_ends or gives_up)
        if self._empty_ends or gives_up:
            self.read_into = self._careful_read
        if gives_up:
            self.write = self._careful_write

    def _careful_read(self, buffer: memoryview) -> int:
        try:
            count = self.socket.recv_into(buffer)
        except ConnectionRefusedError as error:
            if not self.gives_up:
                raise
            count = self._left_over(lambda: self.socket.recv_into(buffer), error)
        self._heard = True
        return count if count or not self._empty_ends else PACKETS_END

    def _left_over(self, read: Callable[[], int], refusal: ConnectionRefusedError) -> int:
        """Read on after a refusal if what was refused is only our empty packet of the end.

        A peer that answers and closes at once refuses that packet; the kernel tells the refusal
        before it hands over the answer that came earlier.

        Raises:
            OSError: nobody was ever there.
        """
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            if self._ended:
                return read()
        if self._ended and self._heard:
            return PACKETS_END
        raise OSError(errno.EHOSTUNREACH, "Connection refused") from refusal

    def _careful_write(self, data: memoryview | bytes) -> int:
        try:
            return self.socket.send(data)
        except ConnectionRefusedError as error:
            raise OSError(errno.EHOSTUNREACH, "Connection refused") from error

    def write_run(self, packets: Sequence[bytes]) -> int:
        """Send packets, as many at once as go together; return how many were sent.

        Raises:
            OSError: the first was not sent.
        """
        return send_run(self, self.socket, packets, None)

    def inbox(self) -> Inbox | None:
        """Return what to read many packets at once with, or ``None``."""
        return None if self._empty_ends else inbox_for(self.socket, named=False)

    def ask_joined(self) -> None:
        """Take joined packets from here on, which only :meth:`fill` reads."""
        ask_joined(self.socket)

    def fill(self, inbox: Inbox) -> int:
        """Read what waits into an inbox; return how many slots, or PACKETS_END.

        Raises:
            BlockingIOError: nothing waits.
            OSError: the far host refuses.
        """
        try:
            count = inbox.receive(self.descriptor)
        except ConnectionRefusedError as error:
            if not self.gives_up:
                raise
            count = self._left_over(lambda: inbox.receive(self.descriptor), error)
        self._heard = True
        return count

    def takes_batches(self) -> bool:
        """Whether :meth:`write_batch` may be called."""
        box = outbox()
        if box is None or not learn(self, self.socket):
            return False
        self._put = box.put
        return True

    def write_batch(self, batch: Batch, start: int) -> int:
        """Send what goes at once of a batch; return how many slots of it were sent.

        Raises:
            OSError: the first was not sent.
        """
        try:
            return self._put(self.descriptor, _CONNECTED, batch, start, self.largest)
        except OSError as error:
            if self.gives_up and error.errno == errno.ECONNREFUSED:
                raise OSError(errno.EHOSTUNREACH, "Connection refused") from error
            narrow(self, error, batch, start)
            raise

    def end(self) -> None:
        """Tell the end once, as far as the ending asks for that."""
        if self._ended:
            return
        self._ended = True
        with contextlib.suppress(OSError):
            if self.ending == Ending.NULL:
                self._send_end()
            elif self.ending == Ending.DOWN:
                self.socket.shutdown(socket.SHUT_WR)
            elif self.ending == Ending.CLOSE:
                self.socket.shutdown(socket.SHUT_RDWR)

    def _send_end(self) -> None:
        """Send the empty packet; a refusal that waits here is of an earlier packet, and is kept.

        The kernel tells it in place of sending. The second try is sent, and refused again, which
        the reader hears.

        Raises:
            OSError: the network said no.
        """
        try:
            self.socket.send(b"")
        except ConnectionRefusedError:
            self.socket.send(b"")


class PacketReader:
    """Takes packets of an unconnected socket, from those senders that ``accepts`` lets through.

    Args:
        accepts: told each sender's address; ``None`` takes packets of anybody.
        null_ends: whether an empty packet is the end.
    """

    __slots__ = (
        "_accepts",
        "_hear",
        "_null_ends",
        "_receive",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "pollable",
    )

    def __init__(
        self,
        sock: socket.socket,
        accepts: Callable[[object], bool] | None = None,
        *,
        null_ends: bool = False,
    ) -> None:
        """Read from ``sock``."""
        self._receive: Callable[..., tuple[int, object]] = sock.recvfrom_into
        self._accepts = accepts
        self._hear: Callable[[int, object], None] | None = None
        self._null_ends = null_ends
        self.descriptor = sock.fileno()
        self.pollable = True
        self.bare = False
        self.closes = True
        self.boundaries = True

    def tell_arrivals(self, hear: Callable[[int, object], None]) -> None:
        """Tell from here on the size of each packet that is for us, and its sender's address."""
        self._hear = hear

    def tell_details(self, sock: socket.socket, tell: Callable[[str], None]) -> None:
        """Tell from here on what each packet says besides its bytes."""
        self._receive = told_receive(sock, tell)

    def read_into(self, buffer: memoryview) -> int:
        """Read the next packet that is for us.

        Raises:
            BlockingIOError: none is there; or many were that are not for us.
        """
        for _ in range(_REFUSED_AT_ONCE):
            count, address = self._receive(buffer)
            if self._accepts is None or self._accepts(address):
                if self._hear is not None:
                    self._hear(count, address)
                return count if count or not self._null_ends else PACKETS_END
        raise BlockingIOError

    def buffered(self) -> bool:
        """Nothing hides from poll here."""
        return False


class MergedReader:
    """Takes packets of several sockets, such as one for each version of IP, as they come.

    An epoll(7) instance over them can be polled itself, so that they look like one.
    """

    __slots__ = ("_epoll", "_readers", "bare", "boundaries", "closes", "descriptor", "pollable")

    def __init__(self, readers: list[PacketReader]) -> None:
        """Join readers."""
        self._epoll = select.epoll()
        for reader in readers:
            self._epoll.register(reader.descriptor, select.EPOLLIN)
        self._readers = readers
        self.descriptor = self._epoll.fileno()
        self.pollable = True
        self.bare = False
        self.closes = True
        self.boundaries = True

    def read_into(self, buffer: memoryview) -> int:
        """Read the next packet of any of them, by turns.

        Raises:
            BlockingIOError: none is there.
        """
        for _ in self._readers:
            reader = self._readers.pop(0)
            self._readers.append(reader)
            with contextlib.suppress(BlockingIOError):
                return reader.read_into(buffer)
        raise BlockingIOError

    def buffered(self) -> bool:
        """Nothing hides from poll here."""
        return False

    def close(self) -> None:
        """Give the epoll instance back."""
        self._epoll.close()


class PacketWriter:
    """Sends packets to one address by a socket that is not connected.

    It cannot be polled: such a socket is always ready, whatever its receiver's queue says.
    """

    __slots__ = (
        "_address",
        "_ended",
        "_name",
        "_put",
        "_send",
        "_socket",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "ending",
        "gives_up",
        "largest",
        "pollable",
    )

    def __init__(
        self,
        sock: socket.socket,
        address: object,
        ending: str = Ending.NONE,
        name: bytes | None = None,
        *,
        gives_up: bool = False,
    ) -> None:
        """Send to ``address``, as the socket module takes it; ``name`` is the same, raw.

        With ``gives_up`` a refusal ends the session: on this host it is of the very packet.
        """
        self.gives_up = gives_up
        self._socket = sock
        self._send: Callable[..., int] = sock.sendto
        self._name = None if name is None else Name(name)
        self.largest: int | None = None
        self._put: Callable[..., int] = _no_batches
        self._address = address
        self._ended = False
        self.ending = ending
        self.descriptor = sock.fileno()
        self.pollable = False
        self.bare = True
        self.closes = False
        self.boundaries = True

    def write(self, data: memoryview | bytes) -> int:
        """Send one packet.

        Raises:
            OSError: it was not sent.
        """
        try:
            return self._send(data, self._address)
        except ConnectionRefusedError as error:
            raise self._refusal(error) from None

    def write_run(self, packets: Sequence[bytes]) -> int:
        """Send packets, as many at once as go together; return how many were sent.

        Raises:
            OSError: the first was not sent.
        """
        try:
            return send_run(self, self._socket, packets, self._address)
        except ConnectionRefusedError as error:
            raise self._refusal(error) from None

    def _refusal(self, error: ConnectionRefusedError) -> OSError:
        """Return what a refusal counts as: a lost packet, or the end of the session."""
        return OSError(errno.EHOSTUNREACH, "Connection refused") if self.gives_up else error

    def takes_batches(self) -> bool:
        """Whether :meth:`write_batch` may be called."""
        box = outbox()
        if self._name is None or box is None or not learn(self, self._socket):
            return False
        self._put = box.put
        return True

    def write_batch(self, batch: Batch, start: int) -> int:
        """Send what goes at once of a batch; return how many slots of it were sent.

        Raises:
            OSError: the first was not sent.
        """
        try:
            return self._put(self.descriptor, self._name, batch, start, self.largest)
        except OSError as error:
            narrow(self, error, batch, start)
            raise

    def end(self) -> None:
        """Send an empty packet, if that is the ending."""
        if self.ending == Ending.NULL and not self._ended:
            self._ended = True
            with contextlib.suppress(OSError):
                self._send(b"", self._address)


def packet_channel(
    sock: socket.socket,
    reader: Reader | None,
    writer: Writer | None,
    describe: str,
    cleanup: Callable[[], None] | None = None,
) -> Channel:
    """Return the channel of a packet socket that is ours alone.

    Args:
        sock: is closed with the channel.
        reader: its reading half.
        writer: its writing half; it is ended before the socket is closed.
        describe: the endpoint for events.
        cleanup: called last, such as to remove a socket's file.
    """

    def release(abort: bool) -> None:
        channel.lost = dropped(sock)
        if writer is not None and not abort:
            writer.end()
        sock.close()
        if cleanup is not None:
            cleanup()

    channel = Channel(reader, writer, describe, release)
    channel.tells_end = False
    return channel
