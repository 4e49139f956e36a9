"""DTLS between two of us, and with OpenSSL and the C program at either end."""

from __future__ import annotations

import os
import select
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from catflap.tls.datagrams import flights
from tests.support.conversing import converse
from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.certificates import Certificates
    from tests.support.service import Service


def _server(certificates: Certificates, extra: str = "") -> str:
    return (
        f"OPENSSL-DTLS-SERVER:0,pf=ip4,cert={certificates.server},cafile={certificates.ca}{extra}"
    )


def _client(certificates: Certificates, port: int, extra: str = "") -> str:
    return (
        f"OPENSSL-DTLS-CLIENT:127.0.0.1:{port},commonname=localhost,"
        f"cert={certificates.client},cafile={certificates.ca}{extra}"
    )


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(PATIENCE)
    sock.bind(("127.0.0.1", 0))
    return sock


def _heard(process: subprocess.Popen[bytes], wanted: bytes) -> bytes:
    """Return what a program has written once it holds ``wanted``."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    heard = b""
    while wanted not in heard:
        assert select.select([descriptor], [], [], PATIENCE)[0], f"only {heard!r} came"
        data = os.read(descriptor, 100_000)
        assert data, f"only {heard!r} came"
        heard += data
    return heard


def test_packets_keep_their_bounds_through_mutual_dtls(
    catflap: Callable[..., Service], certificates: Certificates
) -> None:
    """Several peers, each packet whole, and both sides know whom they talk with."""
    with _socket() as server, _socket() as first, _socket() as second:
        target = f"UDP4:127.0.0.1:{server.getsockname()[1]}"
        outer = catflap(_server(certificates), target)
        inner = catflap("UDP4-LISTEN:0", _client(certificates, outer.port))
        for client in (first, second):
            client.connect(("127.0.0.1", inner.port))
            for size in (1, 1400, 16_384):
                packet = os.urandom(size)
                client.send(packet)
                arrived, relay = server.recvfrom(70_000)
                assert arrived == packet
                server.sendto(arrived[::-1], relay)
                assert client.recv(70_000) == packet[::-1]
        opened = outer.wait_for("opened", count=2)
        assert opened["tls"]["version"] == "DTLSv1.2"
        assert opened["certificate"]["subject"]


def test_a_client_without_certificate_is_refused(
    catflap: Callable[..., Service], certificates: Certificates
) -> None:
    """The listener demands one, and its log says why nobody came in."""
    outer = catflap(_server(certificates), "EXEC:cat")
    client = (
        f"OPENSSL-DTLS-CLIENT:127.0.0.1:{outer.port},commonname=localhost,cafile={certificates.ca}"
    )
    catflap("EXEC:echo hello", client, until="")
    failed = outer.wait_for("handshake-failed")
    assert failed["rule"] == "client-certificate-missing"
    assert not outer.find("opened")


def test_a_server_of_another_name_is_not_believed(
    catflap: Callable[..., Service], certificates: Certificates
) -> None:
    """The name of the server counts as for TLS."""
    server = _server(certificates).replace(
        str(certificates.server), str(certificates.server_wrong_name)
    )
    outer = catflap(server, "EXEC:cat")
    inner = catflap("EXEC:echo hello", _client(certificates, outer.port), until="connect-failed")
    assert inner.wait_for("connect-failed")["rule"] == "certificate-wrong-name"
    assert inner.wait() == 1


def test_strangers_get_a_cookie_and_no_session(
    catflap: Callable[..., Service], certificates: Certificates
) -> None:
    """What is no ClientHello is not answered at all, and nothing is kept of who sent it."""
    outer = catflap(_server(certificates), "EXEC:cat")
    with _socket() as stranger:
        stranger.connect(("127.0.0.1", outer.port))
        stranger.settimeout(0.2)
        stranger.send(os.urandom(100))
        with pytest.raises(TimeoutError):
            stranger.recv(2000)
    assert outer.stop() == 0
    assert not outer.find("handshake-failed")


@pytest.mark.needs("openssl")
def test_openssl_talks_with_our_server(
    catflap: Callable[..., Service], certificates: Certificates
) -> None:
    """s_client -dtls1_2 gets its line back."""
    outer = catflap(_server(certificates), "EXEC:tr a-z A-Z", "--half-close-timeout", "2")
    words = ["openssl", "s_client", "-quiet", "-dtls1_2", "-connect", f"127.0.0.1:{outer.port}"]
    words += ["-CAfile", str(certificates.ca), "-cert", str(certificates.client_certificate)]
    words += ["-key", str(certificates.client_key)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as client:
        assert client.stdin is not None
        outer.wait_for("opened")
        client.stdin.write(b"hello\n" + b"x" * 8000 + b"\n")
        client.stdin.flush()
        assert b"HELLO\n" in _heard(client, b"HELLO\n")
        client.kill()


@pytest.mark.needs("socat")
def test_socat_talks_with_our_server(
    catflap: Callable[..., Service], certificates: Certificates
) -> None:
    """The C program's DTLS client gets its line back."""
    outer = catflap(_server(certificates), "EXEC:cat")
    words = ["socat", "-t2", "-", _client(certificates, outer.port)]
    assert converse(words, b"hello\n", b"hello\n").out == b"hello\n"


@pytest.mark.needs("socat")
def test_we_talk_with_socats_server(
    catflap: Callable[..., Service],
    certificates: Certificates,
    free_port: Callable[[], int],
) -> None:
    """The C program's DTLS listener sends our line back."""
    port = free_port()
    listen = f"OPENSSL-DTLS-SERVER:{port},bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    server = subprocess.Popen(["socat", f"-t{PATIENCE:g}", listen, "EXEC:cat"])
    try:
        await_ready(server, "udp", port)
        client = catflap(
            "STDIO",
            _client(certificates, port),
            until="opened",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert client.process.stdin is not None
        client.process.stdin.write(b"hello\n")
        client.process.stdin.flush()
        assert _heard(client.process, b"hello\n") == b"hello\n"
    finally:
        server.kill()
        server.wait()


def test_flights_are_cut_between_records() -> None:
    """No packet holds half a record, and small records travel together."""
    records = [bytes(11) + size.to_bytes(2, "big") + b"r" * size for size in (900, 300, 400, 50)]
    packets = list(flights(b"".join(records)))
    assert packets == [records[0] + records[1], records[2] + records[3]]
    assert b"".join(flights(b"no record at all")) == b"no record at all"
