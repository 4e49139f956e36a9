"""Bytes in quantity: a stream that can be told from any other, moved both ways at once and hashed."""

from __future__ import annotations

import hashlib
import os
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = (
    "ANSWER_SECONDS",
    "BULK",
    "FULL",
    "Duplex",
    "PipeEnd",
    "SocketEnd",
    "digest_of",
    "exchange",
    "read_all",
    "read_exactly",
    "stream",
    "swap",
    "write_all",
)

FULL = os.environ.get("CATFLAP_FULL", "") == "1"
"""Whether to run at the size of the bars rather than at one that suits every change."""

BULK = 1024**3 if FULL else 64 * 1024**2
"""Bytes each way of a transfer test."""

ANSWER_SECONDS = 30.0 if FULL else 2.0
"""How long after the question's end of file its answer comes."""

_BLOCK = 262_139  # a prime, so that no buffer's edge falls on it twice
_PATIENCE = 60.0 if not FULL else 300.0


def stream(size: int, seed: int) -> Iterator[bytes]:
    """Yield ``size`` bytes that no other seed yields; each block carries its number."""
    body = random.Random(seed).randbytes(_BLOCK)
    number = 0
    while size > 0:
        block = number.to_bytes(8, "big") + body
        yield block[:size]
        size -= len(block)
        number += 1


def digest_of(size: int, seed: int) -> str:
    """Return the SHA-256 of a stream."""
    found = hashlib.sha256()
    for block in stream(size, seed):
        found.update(block)
    return found.hexdigest()


class Duplex(Protocol):
    """One end of a conversation whose two ways end on their own."""

    def send(self, data: bytes) -> None:
        """Write all of it."""

    def end(self) -> None:
        """Say that no more comes."""

    def receive(self) -> bytes:
        """Return some bytes, or nothing at the end."""


class SocketEnd:
    """A blocking socket with a limit on every wait."""

    def __init__(self, sock: socket.socket, patience: float = _PATIENCE) -> None:
        """Bind the limit."""
        sock.settimeout(patience)
        self.socket = sock

    def send(self, data: bytes) -> None:
        """Write all of it."""
        self.socket.sendall(data)

    def end(self) -> None:
        """Send FIN."""
        self.socket.shutdown(socket.SHUT_WR)

    def receive(self) -> bytes:
        """Return some bytes, or nothing at the end."""
        return self.socket.recv(1 << 18)

    def close(self) -> None:
        """Close it."""
        self.socket.close()

    def ask(self, question: bytes) -> bytes:
        """Write, and return as many bytes as an echo gives back."""
        self.send(question)
        return read_exactly(self, len(question))


class PipeEnd:
    """The standard input and output of a process."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        """Join the two."""
        self._stdin = stdin
        self._stdout = stdout

    def send(self, data: bytes) -> None:
        """Write all of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._stdin.fileno(), view) :]

    def end(self) -> None:
        """Close the input."""
        self._stdin.close()

    def receive(self) -> bytes:
        """Return some bytes, or nothing at the end."""
        return os.read(self._stdout.fileno(), 1 << 18)


def write_all(end: Duplex, size: int, seed: int) -> None:
    """Write a stream and end."""
    for block in stream(size, seed):
        end.send(block)
    end.end()


def read_all(end: Duplex) -> str:
    """Return the SHA-256 of everything up to the end."""
    found = hashlib.sha256()
    while data := end.receive():
        found.update(data)
    return found.hexdigest()


def read_exactly(end: Duplex, size: int) -> bytes:
    """Return so many bytes; fewer when the end comes first."""
    found = b""
    while len(found) < size:
        data = end.receive()
        if not data:
            break
        found += data
    return found


def exchange(left: Duplex, right: Duplex, size: int = BULK) -> tuple[str, str]:
    """Write both ways at once, and return the digests of what arrived right and left."""
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(write_all, left, size, 1), pool.submit(write_all, right, size, 2)]
        reads = [pool.submit(read_all, right), pool.submit(read_all, left)]
        for write in writes:
            write.result(2 * _PATIENCE)
        arrived_right, arrived_left = (read.result(2 * _PATIENCE) for read in reads)
    return arrived_right, arrived_left


def swap(left: Duplex, right: Duplex, size: int = BULK) -> None:
    """Write both ways at once and expect the same to arrive.

    Raises:
        AssertionError: something else arrived.
    """
    expected = (digest_of(size, 1), digest_of(size, 2))
    assert exchange(left, right, size) == expected
