"""Servers that a relay leads to: they take connections one by one, or answer thousands."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from typing import TYPE_CHECKING, Self

from tests.support.traffic import SocketEnd
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ("EchoServer", "Taker", "abort", "tcp_client", "unix_client")

_BACKLOG = 4096


def tcp_client(port: int, host: str = "127.0.0.1", source: str = "") -> SocketEnd:
    """Return a connection to a local port.

    A peer that turns it away by a reset may do so before connect(2) has returned; as with one that
    does so later, it is the first use that says so.
    """
    try:
        sock = socket.create_connection((host, port), PATIENCE, (source, 0) if source else None)
    except ConnectionResetError:
        return _ResetEnd(socket.socket())
    return SocketEnd(sock)


class _ResetEnd(SocketEnd):
    """The end of a connection that was reset before it could be used."""

    def send(self, data: bytes) -> None:
        """Write nothing."""
        raise ConnectionResetError

    def end(self) -> None:
        """Say nothing."""
        raise ConnectionResetError

    def receive(self) -> bytes:
        """Return nothing."""
        raise ConnectionResetError


def unix_client(path: object) -> SocketEnd:
    """Return a connection to a UNIX socket."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(os.fspath(str(path)))  # with a time limit a full queue would be EAGAIN
    sock.settimeout(PATIENCE)
    return SocketEnd(sock)


def abort(sock: socket.socket) -> None:
    """Close with a reset (SO_LINGER 1, 0)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()


class Taker:
    """A listening socket of the test, whose connections the test takes one by one.

    Args:
        path: a UNIX socket to listen on; without one it is a TCP port of 127.0.0.1.
        receive_buffer: SO_RCVBUF of what is accepted; 0 leaves it to the kernel.
    """

    def __init__(self, path: object = "", *, receive_buffer: int = 0) -> None:
        """Listen."""
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.bind(str(path) if path else ("127.0.0.1", 0))
        self.socket.listen(_BACKLOG)
        self.socket.settimeout(PATIENCE)
        self.port = 0 if path else int(self.socket.getsockname()[1])
        self._taken: list[socket.socket] = []

    def take(self, timeout: float = PATIENCE) -> SocketEnd:
        """Return the next connection."""
        self.socket.settimeout(timeout)
        sock, _ = self.socket.accept()
        self._taken.append(sock)
        return SocketEnd(sock)

    def is_quiet(self) -> bool:
        """Whether nobody has come who was not taken."""
        ready, _, _ = select.select([self.socket], [], [], 0)
        return not ready

    def __enter__(self) -> Self:
        """Listen until the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close everything that was taken, too."""
        self.socket.close()
        for sock in self._taken:
            sock.close()


class EchoServer:
    """Sends back what comes, on thousands of connections, in one thread.

    Args:
        path: a UNIX socket to listen on; without one it is a TCP port of 127.0.0.1.
    """

    def __init__(self, path: object = "") -> None:
        """Listen."""
        self._listening = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self._listening.bind(str(path) if path else ("127.0.0.1", 0))
        self._listening.listen(_BACKLOG)
        self._listening.setblocking(False)
        self.port = 0 if path else int(self._listening.getsockname()[1])
        self.accepted = 0
        self._live: dict[int, socket.socket] = {}
        self._held: dict[int, bytes] = {}
        self._poll = select.epoll()
        self._poll.register(self._listening, select.EPOLLIN)
        self._wake, self._waken = socket.socketpair()
        self._poll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="echo", daemon=True)

    @property
    def live(self) -> int:
        """How many connections are open."""
        return len(self._live)

    def __enter__(self) -> Self:
        """Serve until the block ends."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop and close everything."""
        self._waken.close()
        self._thread.join(PATIENCE)
        for sock in (*self._live.values(), self._listening, self._wake):
            sock.close()
        self._poll.close()

    def close_all(self) -> None:
        """End every connection that is open now."""
        for sock in tuple(self._live.values()):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while True:
            for descriptor, mask in self._poll.poll():
                if descriptor == self._wake.fileno():
                    return
                if descriptor == self._listening.fileno():
                    self._accept()
                elif descriptor in self._live:
                    self._serve(descriptor, mask)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                sock, _ = self._listening.accept()
                sock.setblocking(False)
                self.accepted += 1
                self._live[sock.fileno()] = sock
                self._poll.register(sock, select.EPOLLIN)

    def _serve(self, descriptor: int, mask: int) -> None:
        sock = self._live[descriptor]
        held = self._held.pop(descriptor, b"")
        try:
            if not held:
                held = sock.recv(1 << 16)
                if not held:
                    self._drop(descriptor)
                    return
            held = held[self._send(sock, held) :]
        except OSError:
            self._drop(descriptor)
            return
        if held:
            self._held[descriptor] = held
        if bool(held) != bool(mask & select.EPOLLOUT):
            self._poll.modify(descriptor, select.EPOLLOUT if held else select.EPOLLIN)

    @staticmethod
    def _send(sock: socket.socket, data: bytes) -> int:
        try:
            return sock.send(data)
        except BlockingIOError:
            return 0

    def _drop(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._live.pop(descriptor).close()
