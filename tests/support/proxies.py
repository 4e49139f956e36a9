"""A proxy for tests: HTTP CONNECT, SOCKS 4, 4A and 5 on one port, or what it is told to say."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Self

from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ("TestProxy",)


class TestProxy:
    """Listens on 127.0.0.1; ``asked`` tells what it was asked for, in order.

    Names that end in ``.test`` are this host.

    Args:
        password: ``NAME:PASSWORD`` that SOCKS 5 clients must give.
        says: bytes sent to whoever connects, after which it stays silent.
    """

    __test__ = False

    def __init__(self, password: str = "", says: bytes | None = None) -> None:
        """Listen."""
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self._password = password
        self._says = says
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                client.settimeout(PATIENCE)
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            if self._says is not None:
                client.sendall(self._says)
                return
            first = client.recv(1, socket.MSG_PEEK)
            far = {b"\5": self._socks5, b"\4": self._socks4}.get(first, self._http)(client)
            threading.Thread(target=_copy, args=(far, client), daemon=True).start()
            _copy(client, far)

    def _connect(self, host: str, port: int, how: str) -> socket.socket:
        self.asked.append(f"{how} {host}:{port}")
        here = "127.0.0.1" if host.endswith(".test") else host
        far = socket.create_connection((here, port), PATIENCE)
        self._open.append(far)
        return far

    def _http(self, client: socket.socket) -> socket.socket:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += _exactly(client, 1)
        self.heads.append(head)
        host, _, port = head.split()[1].decode().rpartition(":")
        far = self._connect(host.strip("[]"), int(port), "http")
        client.sendall(b"HTTP/1.0 200 Connection established\r\nVia: test\r\n\r\n")
        return far

    def _socks4(self, client: socket.socket) -> socket.socket:
        _, _, port, packed = struct.unpack("!BBH4s", _exactly(client, 8))
        user, host, how = _text(client), socket.inet_ntoa(packed), "socks4"
        if host.startswith("0.0.0."):
            host, how = _text(client), "socks4a"
        far = self._connect(host, port, f"{how} {user}".rstrip())
        client.sendall(b"\0\x5a" + bytes(6))
        return far

    def _socks5(self, client: socket.socket) -> socket.socket:
        _, count = _exactly(client, 2)
        methods = _exactly(client, count)
        if self._password:
            client.sendall(b"\5\2" if 2 in methods else b"\5\xff")
            _, length = _exactly(client, 2)
            name = _exactly(client, length).decode()
            given = f"{name}:{_exactly(client, _exactly(client, 1)[0]).decode()}"
            client.sendall(b"\1\0" if given == self._password else b"\1\1")
        else:
            client.sendall(b"\5\0")
        _, command, _, kind = _exactly(client, 4)
        if kind == 3:
            host = _exactly(client, _exactly(client, 1)[0]).decode()
        else:
            family, length = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, _exactly(client, length))
        (port,) = struct.unpack("!H", _exactly(client, 2))
        if command == 2:
            return self._bind(client)
        far = self._connect(host, port, "socks5")
        # A name, for a client must take one of any length.
        name = b"x" * 200
        client.sendall(b"\5\0\0\3" + bytes([len(name)]) + name + struct.pack("!H", port))
        return far

    def _bind(self, client: socket.socket) -> socket.socket:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.asked.append("bind")
            _reply(client, listening.getsockname())
            listening.settimeout(PATIENCE)
            far, address = listening.accept()
            self._open.append(far)
        far.settimeout(PATIENCE)
        _reply(client, address)
        return far

    def __enter__(self) -> Self:
        """Serve for a while."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything."""
        for sock in (self._socket, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


def _reply(client: socket.socket, address: tuple[str, int]) -> None:
    packed = socket.inet_aton(address[0]) + struct.pack("!H", address[1])
    client.sendall(b"\5\0\0\1" + packed)


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _text(sock: socket.socket) -> str:
    data = b""
    while not data.endswith(b"\0"):
        data += _exactly(sock, 1)
    return data[:-1].decode()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
