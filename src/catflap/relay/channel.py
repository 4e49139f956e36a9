"""An open endpoint: a half to read from and a half to write to.

A half states what it is: which descriptor to poll, whether splice(2) may work on it directly,
whether it keeps message boundaries, and whether it can end alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import socket
import stat
import struct
import termios
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from catflap.core.nouns import CertificateFacts, Peer, TlsFacts
    from catflap.tls.trust import Proof

__all__ = (
    "EXHAUSTED",
    "PACKETS_END",
    "Channel",
    "DescriptorReader",
    "DescriptorWriter",
    "Ending",
    "Reader",
    "SocketHalf",
    "TruncatedError",
    "Writer",
    "bytes_wait",
    "is_local",
    "is_pollable",
    "reset",
)

PACKETS_END = -1
"""What a reader of packets returns at its end, for an empty packet is a packet."""

_WAITING = bytearray(4)
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What the machine says when it has no more to give, for the moment."""

_ABORT = struct.pack("ii", 1, 0)


class TruncatedError(ConnectionError):
    """The stream stopped without saying that it had ended (TLS without close_notify)."""


class Reader(Protocol):
    """The half that bytes come from.

    ``closes`` says whether the descriptor is ours alone and closed with its channel.

    ``buffered`` says whether bytes may wait where polling the descriptor does not show them.
    """

    descriptor: int
    pollable: bool
    bare: bool
    closes: bool
    boundaries: bool

    def read_into(self, buffer: memoryview, /) -> int:
        """Read into the buffer; 0 is the end, or an empty packet where boundaries are kept.

        What keeps boundaries tells its end by -1 (:data:`PACKETS_END`).

        Raises:
            BlockingIOError: nothing is there yet.
            OSError: the peer or the device is gone.
        """

    def buffered(self) -> bool:
        """Whether more can be read without polling."""


class Writer(Protocol):
    """The half that bytes go to."""

    descriptor: int
    pollable: bool
    bare: bool
    closes: bool
    boundaries: bool

    def write(self, data: memoryview | bytes, /) -> int:
        """Write what can be written now and return how much.

        Raises:
            BlockingIOError: nothing can be written yet.
            OSError: the peer or the device is gone.
        """

    def end(self) -> None:
        """Tell the peer that no more bytes come, where that can be told.

        Raises:
            BlockingIOError: it cannot be told now; only writers that are not bare do so (TLS).
        """


class Ending:
    """How a writer ends when its source has ended (socat's shut-* options)."""

    DOWN = "down"
    FIRST_DOWN = "first-down"
    """As DOWN, and before the last close too: with ``linger=0`` that is a reset."""
    CLOSE = "close"
    NONE = "none"
    NULL = "null"


def is_pollable(descriptor: int) -> bool:
    """Whether epoll takes the descriptor; it refuses regular files, which are always ready."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return False
    if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
        return True
    with select.epoll() as probe:
        try:
            probe.register(descriptor, select.EPOLLIN)
        except PermissionError:
            return False
    return True


def is_local(descriptor: int) -> bool:
    """Whether it is a UNIX socket."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return False
    with socket.socket(fileno=os.dup(descriptor)) as same:
        return same.family == socket.AF_UNIX


def bytes_wait(sock: socket.socket) -> bool:
    """Whether bytes can be read from a socket right now (FIONREAD, tcp(7))."""
    try:
        fcntl.ioctl(sock.fileno(), termios.FIONREAD, _WAITING)
    except OSError:
        return False
    return any(_WAITING)


def _never() -> bool:
    return False


class SocketHalf:
    """Both halves of a stream socket.

    ``shared`` sockets belong to other processes too (standard input): their descriptor's
    O_NONBLOCK is left alone and every call carries MSG_DONTWAIT instead.
    """

    __slots__ = (
        "bare",
        "boundaries",
        "buffered",
        "closes",
        "descriptor",
        "ending",
        "pollable",
        "read_into",
        "socket",
        "write",
    )

    def __init__(
        self,
        sock: socket.socket,
        *,
        ending: str = Ending.DOWN,
        shared: bool = False,
        boundaries: bool = False,
    ) -> None:
        """Bind the calls of the data path once, so that a wake-up costs no look-up."""
        self.socket = sock
        self.descriptor = sock.fileno()
        self.pollable = True
        self.bare = not shared
        self.closes = not shared
        self.boundaries = boundaries
        self.ending = ending
        self.buffered: Callable[[], bool] = _never
        self.read_into: Callable[..., int] = sock.recv_into
        self.write: Callable[..., int] = sock.send
        if shared:
            self.read_into = self._shared_read
            self.write = self._shared_write

    def _shared_read(self, buffer: memoryview) -> int:
        return self.socket.recv_into(buffer, 0, socket.MSG_DONTWAIT)

    def _shared_write(self, data: memoryview | bytes) -> int:
        return self.socket.send(data, socket.MSG_DONTWAIT)

    def end(self) -> None:
        """Send FIN, or what the shut-* option asks for instead."""
        if self.ending in {Ending.DOWN, Ending.FIRST_DOWN}:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        elif self.ending == Ending.CLOSE:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        elif self.ending == Ending.NULL:
            with contextlib.suppress(OSError):
                self.socket.send(b"")


class DescriptorReader:
    """The reading half of a pipe, terminal, device or file."""

    __slots__ = ("bare", "boundaries", "closes", "descriptor", "pollable")

    def __init__(self, descriptor: int, *, bare: bool = True) -> None:
        """Read from ``descriptor``, which is non-blocking or always ready."""
        self.descriptor = descriptor
        self.pollable = is_pollable(descriptor)
        self.bare = bare and stat.S_ISFIFO(os.fstat(descriptor).st_mode)
        self.boundaries = False
        self.closes = False

    def read_into(self, buffer: memoryview) -> int:
        """Read once; a terminal whose other end has hung up is at its end."""
        try:
            return os.readv(self.descriptor, [buffer])
        except OSError as error:
            # A pty's master gives EIO once the last slave is closed (pty(7), socat treats it so).
            if error.errno == 5:
                return 0
            raise

    def buffered(self) -> bool:
        """Nothing hides from poll here."""
        return False


class DescriptorWriter:
    """The writing half of a pipe, terminal, device or file."""

    __slots__ = (
        "_close",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "pollable",
    )

    def __init__(
        self, descriptor: int, *, close: Callable[[], None] | None = None, bare: bool = True
    ) -> None:
        """Write to ``descriptor``; ``close`` is how its end is told, when it can be."""
        self.descriptor = descriptor
        self.pollable = is_pollable(descriptor)
        self.bare = bare and stat.S_ISFIFO(os.fstat(descriptor).st_mode)
        self.boundaries = False
        self.closes = False
        self._close = close

    def write(self, data: memoryview | bytes) -> int:
        """Write once."""
        return os.write(self.descriptor, data)

    def end(self) -> None:
        """Close, so that the reader sees the end."""
        if self._close is not None:
            self._close()
            self._close = None


class Channel:
    """Both halves of an open endpoint and how to let go of it.

    Args:
        reader: ``None`` for an endpoint that is only written.
        writer: ``None`` for an endpoint that is only read.
        describe: the endpoint for events, such as ``127.0.0.1:80``.
        release: gives back what the endpoint holds; ``abort`` asks for a reset instead of an end.

    ``until`` is set where a program has the near end's own descriptors: no bytes pass here, and
    the session lasts until it is done.

    ``peer``, ``local`` and ``facts`` say who was waited for, by endpoints that wait for somebody:
    both addresses, and what its packet told besides, by names as children know them. ``lost``
    counts the packets that the endpoint had to drop, once it is closed. ``drains`` is how many
    seconds an endpoint that is only written has to finish, before its session is over.
    """

    __slots__ = (
        "_release",
        "certificate",
        "describe",
        "drains",
        "facts",
        "local",
        "lost",
        "peer",
        "proofs",
        "reader",
        "tells_end",
        "tls",
        "until",
        "writer",
    )

    def __init__(
        self,
        reader: Reader | None,
        writer: Writer | None,
        describe: str,
        release: Callable[[bool], None],
    ) -> None:
        """Join the halves."""
        self.reader = reader
        self.writer = writer
        self.describe = describe
        self._release: Callable[[bool], None] | None = release
        self.tells_end = True
        self.drains = 0.0
        self.tls: TlsFacts | None = None
        self.certificate: CertificateFacts | None = None
        self.proofs: tuple[Proof, ...] = ()
        self.peer: Peer | None = None
        self.local: Peer | None = None
        self.facts: dict[str, str] | None = None
        self.lost = 0
        self.until: asyncio.Future[None] | None = None

    @classmethod
    def of_socket(cls, sock: socket.socket, describe: str, ending: str = Ending.DOWN) -> Channel:
        """Return the channel of a connected stream socket."""
        half = SocketHalf(sock, ending=ending)

        def release(abort: bool) -> None:
            if abort:
                reset(sock)
            elif ending == Ending.FIRST_DOWN:
                half.end()
            sock.close()

        return cls(half, half, describe, release)

    def closed_with(self, also: Callable[[], None]) -> None:
        """Have something else given back when it is closed, after what it holds itself."""
        release = self._release

        def both(abort: bool) -> None:
            try:
                if release is not None:
                    release(abort)
            finally:
                also()

        self._release = both

    def close(self, *, abort: bool = False) -> None:
        """Give everything back; a second call does nothing."""
        release, self._release = self._release, None
        if release is not None:
            release(abort)


def reset(sock: socket.socket) -> None:
    """Make the coming close of a TCP socket a reset (SO_LINGER with 0 seconds, socket(7))."""
    if sock.family in {socket.AF_INET, socket.AF_INET6}:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
