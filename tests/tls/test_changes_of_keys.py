"""A peer that sends nothing but changes of keys costs its own session time, and nobody else's."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from OpenSSL import SSL

from catflap.tls.layered import Layer, LayerReader
from catflap.tls.stream import TlsStream
from tests.support.key_updates import SUITE, key_updates
from tests.tls.test_layered import Half

if TYPE_CHECKING:
    from tests.support.certificates import Certificates

_MANY = 1000
_FEED = 65_536


class _Pair:
    """A client and a server, shaken hands over memory; ``secret`` is the client's."""

    def __init__(self, certificates: Certificates, sock: socket.socket | None = None) -> None:
        self.secret = b""
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.use_certificate_chain_file(str(certificates.server))
        context.use_privatekey_file(str(certificates.server))
        ours = SSL.Context(SSL.TLS_CLIENT_METHOD)
        ours.set_tls13_ciphersuites(SUITE)
        ours.set_keylog_callback(self._note)
        self.client = SSL.Connection(ours, None)
        self.server = SSL.Connection(context, sock)
        self.client.set_connect_state()
        self.server.set_accept_state()

    def _note(self, _: SSL.Connection, line: bytes) -> None:
        label, _client_random, secret = line.split()
        if label == b"CLIENT_TRAFFIC_SECRET_0":
            self.secret = bytes.fromhex(secret.decode())

    def client_step(self) -> bytes:
        """Go as far as the bytes at hand allow, and return what is to be sent."""
        with contextlib.suppress(SSL.WantReadError):
            self.client.do_handshake()
        with contextlib.suppress(SSL.WantReadError):
            return self.client.bio_read(1 << 16)
        return b""


def test_a_read_of_a_socket_hands_back_the_turn(certificates: Certificates) -> None:
    """Each change of keys is a read that brought nothing, after which others have their turn."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        pair = _Pair(certificates, near)
        done = False
        while not done:
            far.sendall(pair.client_step())
            with contextlib.suppress(SSL.WantReadError):
                pair.server.do_handshake()
                done = True
            with contextlib.suppress(BlockingIOError):
                pair.client.bio_write(far.recv(1 << 16))
        stream = TlsStream(pair.server, near)
        far.sendall(key_updates(pair.secret, _MANY, b"at last"))
        buffer = memoryview(bytearray(1 << 16))
        turns, found = 0, b""
        while not found:
            try:
                found = bytes(buffer[: stream.read_into(buffer)])
            except BlockingIOError:
                turns += 1
    assert found == b"at last"
    assert turns == _MANY


def test_a_read_over_a_carrier_does_too(certificates: Certificates) -> None:
    """Where the library works in memory, some buffers are taken at once, and no more."""
    there, back = Half(lambda: 1 << 30), Half(lambda: 1 << 30)
    pair = _Pair(certificates)
    client, server = Layer(pair.client, back, there), Layer(pair.server, there, back)
    for _ in range(3):
        client.handshake_step()
        server.handshake_step()
    there.held += key_updates(pair.secret, 6 * _FEED // 27, b"at last")
    reader = LayerReader(server)
    buffer = memoryview(bytearray(1 << 16))
    turns, found = 0, b""
    while not found:
        held = len(there.held)
        try:
            found = bytes(buffer[: reader.read_into(buffer)])
        except BlockingIOError:
            turns += 1
            assert reader.buffered()
            assert held - len(there.held) <= 4 * _FEED
    assert found == b"at last"
    assert turns == 1
