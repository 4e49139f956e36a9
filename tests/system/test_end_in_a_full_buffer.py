"""close_notify that finds no room in the socket is said later, not lost."""

import socket

import pytest
from OpenSSL import SSL

from catflap.tls.stream import TlsStream


@pytest.fixture
def joined(certificates):
    """Return what makes two ends of an established TLS connection, the first's buffer small."""
    made = []

    def make():
        ours, theirs = socket.socketpair()
        made.extend((ours, theirs))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20_000)
        ours.setblocking(False)
        theirs.setblocking(False)
        server = SSL.Context(SSL.TLS_SERVER_METHOD)
        server.use_certificate_file(str(certificates.server))
        server.use_privatekey_file(str(certificates.server))
        client = SSL.Context(SSL.TLS_CLIENT_METHOD)
        first, second = SSL.Connection(client, ours), SSL.Connection(server, theirs)
        first.set_connect_state()
        second.set_accept_state()
        waiting = [first, second]
        while waiting:
            for connection in tuple(waiting):
                try:
                    connection.do_handshake()
                except SSL.WantReadError:
                    continue
                waiting.remove(connection)
        return TlsStream(first, ours), second

    yield make
    for sock in made:
        sock.close()


def _fill(stream: TlsStream, record: bytes) -> int:
    """Write records until none fits; return how many did."""
    count = 0
    try:
        while True:
            stream.write(record)
            count += 1
    except BlockingIOError:
        return count


def test_end_is_said_once_there_is_room(joined):
    """A stream whose socket is just full cannot end; it can once the other side has read."""
    record = b"x" * 1000
    count = _fill(joined()[0], record)
    stream, other = joined()
    for _ in range(count):
        stream.write(record)
    with pytest.raises(BlockingIOError):
        stream.end()
    got = 0
    while got < count * len(record):
        got += len(other.recv(65_536))
    with pytest.raises(SSL.WantReadError):
        other.recv(1)
    stream.end()
    with pytest.raises(SSL.ZeroReturnError):
        other.recv(1)
