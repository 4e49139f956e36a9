"""TLS over a carrier that takes and gives what it likes: nothing is lost, doubled or reordered."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from catflap.tls.handshake import Wants
from catflap.tls.layered import Layer, LayerReader, LayerWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.certificates import Certificates


class Half:
    """One direction of a carrier: what is written waits here to be read."""

    descriptor = -1
    pollable = True

    def __init__(self, room: Callable[[], int]) -> None:
        self.held = bytearray()
        self.ended = False
        self._room = room

    def write(self, data: memoryview | bytes) -> int:
        count = min(len(data), self._room())
        if not count:
            raise BlockingIOError
        self.held += data[:count]
        return count

    def read_into(self, buffer: memoryview) -> int:
        if not self.held and not self.ended:
            raise BlockingIOError
        count = min(len(buffer), len(self.held))
        buffer[:count] = self.held[:count]
        del self.held[:count]
        return count


def make_pair(
    certificates: Certificates, room: Callable[[], int] = lambda: 1 << 30
) -> tuple[Layer, Layer, Half, Half]:
    """Return a client and a server, shaken hands, over two directions."""
    there, back = Half(room), Half(room)
    server_context = SSL.Context(SSL.TLS_SERVER_METHOD)
    server_context.use_certificate_chain_file(str(certificates.server))
    server_context.use_privatekey_file(str(certificates.server))
    client, server = (
        SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None),
        SSL.Connection(server_context, None),
    )
    client.set_connect_state()
    server.set_accept_state()
    ends = Layer(client, back, there), Layer(server, there, back)
    for _ in range(10_000):
        if {end.handshake_step() for end in ends} == {Wants.NOTHING}:
            return (*ends, there, back)
    raise AssertionError("the handshake does not end")


def read_all(end: Layer, size: int, tries: int = 100_000) -> bytes:
    """Return so many bytes as the pump would read them."""
    reader, found = LayerReader(end), bytearray()
    buffer = memoryview(bytearray(65_536))
    for _ in range(tries):
        if len(found) >= size:
            break
        try:
            found += buffer[: reader.read_into(buffer)]
        except BlockingIOError:
            break
    return bytes(found)


@settings(max_examples=25, deadline=None)
@given(rooms=st.lists(st.sampled_from([0, 1, 100, 4096, 16_384, 40_000]), min_size=1, max_size=20))
def test_a_carrier_that_takes_parts(certificates: Certificates, rooms: list[int]) -> None:
    """Bytes that are offered again after a partial write arrive once and in order."""
    turn = iter(range(10**9))
    sizes = [*rooms, 5000]
    client, server, _, _ = make_pair(certificates, lambda: sizes[next(turn) % len(sizes)])
    data = os.urandom(300_000)
    writer, rest, found = LayerWriter(client), memoryview(data), b""
    while len(found) < len(data):
        if rest:
            with contextlib.suppress(BlockingIOError):
                rest = rest[writer.write(rest[:65_536]) :]
        found += read_all(server, len(data))
    assert found == data
