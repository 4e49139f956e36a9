"""Connections of an attacker, and small HTTP by hand, so that every byte is ours."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = (
    "Address",
    "ResetAtOnceError",
    "Wire",
    "connect",
    "http_request",
    "is_answer",
    "read_answer",
    "text_of",
)

_CHUNK = 65_536
_CONNECT_SECONDS = 5.0
_used: set[tuple[str, int]] = set()


class Address(NamedTuple):
    """A host and a port."""

    host: str
    port: int


class ResetAtOnceError(ConnectionResetError):
    """The connection was taken and reset before it could be used.

    Args:
        source: the address it came from.
    """

    def __init__(self, source: str) -> None:
        """Keep the source: the bridge knows the connection by it."""
        super().__init__("reset at once")
        self.source = source


class Wire(NamedTuple):
    """A connection; ``source`` is where its server sees it come from."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    source: str

    async def read(self) -> bytes:
        """Return what came next; nothing at the end."""
        return await self.reader.read(_CHUNK)

    async def write(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.writer.write(data)
        await self.writer.drain()


def text_of(address: tuple[str, int] | tuple[str, int, int, int]) -> str:
    """Return a socket's address as events write it."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@asynccontextmanager
async def connect(target: Address, source: str = "") -> AsyncIterator[Wire]:
    """Connect, from the address ``source`` if one is given, and close in the end.

    Raises:
        ResetAtOnceError: it was reset while it was being made.
        OSError: it cannot be connected, within five seconds.
    """
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    sock = _never_used(family, source) if source else socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(sock, target)
        except ConnectionResetError as error:
            raise ResetAtOnceError(text_of(sock.getsockname())) from error
        name = text_of(sock.getsockname())
        reader, writer = await asyncio.open_connection(sock=sock)
    except BaseException:
        sock.close()
        raise
    try:
        yield Wire(reader, writer, name)
    finally:
        # Not awaited: a peer that refuses to end must not hold the attacker up.
        writer.close()


def _never_used(family: socket.AddressFamily, source: str) -> socket.socket:
    """Return a socket with a port that no connection had before.

    A bridge knows a connection by it, and the kernel gives it out again once one was reset.
    """
    while True:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.bind((source, 0))
            name = sock.getsockname()[:2]
        except BaseException:
            sock.close()
            raise
        if name not in _used:
            _used.add(name)
            return sock
        sock.close()


def http_request(method: str, path: str, attempt: str, body: bytes = b"") -> bytes:
    """Return a request that tells the API which attempt it came by."""
    lines = [f"{method} {path} HTTP/1.1", "Host: api.demo", f"X-Attempt: {attempt}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def is_answer(data: bytes) -> bool:
    """Whether ``data`` holds the whole of a successful answer."""
    head, found, body = data.partition(b"\r\n\r\n")
    return bool(found) and head.startswith(b"HTTP/1.1 2") and len(body) >= _length(head)


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    """Return one answer, head and body.

    Raises:
        EOFError: the connection ended before.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return 0
