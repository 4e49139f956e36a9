"""UDP with real peers: sockets of the test, and the C program at the other end."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.conversing import converse
from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.service import Service

SIZES = (0, 1, 512, 1472, 8192, 8193, 65_507)


@contextmanager
def _socket(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """Yield a bound UDP socket that waits for a few seconds at most."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
        sock.bind((host, 0))
        yield sock


def _port(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


def test_each_packet_keeps_its_bounds_whatever_its_size(catflap: Callable[..., Service]) -> None:
    """Empty, small and as large as UDP carries them, there and back, in order."""
    with _socket() as server, _socket() as client:
        service = catflap("UDP4-LISTEN:0", f"UDP4:127.0.0.1:{_port(server)}")
        client.connect(("127.0.0.1", service.port))
        for size in SIZES:
            packet = bytes(range(256)) * 256
            client.send(packet[:size])
            arrived, relay = server.recvfrom(70_000)
            assert arrived == packet[:size]
            server.sendto(arrived[::-1], relay)
            assert client.recv(70_000) == arrived[::-1]


def test_each_peer_has_a_session_of_its_own(catflap: Callable[..., Service]) -> None:
    """Answers go to whoever asked, however the packets of two peers are mixed."""
    with _socket() as server, _socket() as first, _socket() as second:
        service = catflap("UDP4-LISTEN:0,fork", f"UDP4:127.0.0.1:{_port(server)}")
        relays = {}
        for turn in range(3):
            for name, client in ((b"first", first), (b"second", second)):
                client.sendto(name + b" %d" % turn, ("127.0.0.1", service.port))
                arrived, relay = server.recvfrom(100)
                assert arrived == name + b" %d" % turn
                assert relays.setdefault(name, relay) == relay
                server.sendto(b"to " + arrived, relay)
                assert client.recv(100) == b"to " + arrived
        assert len(set(relays.values())) == 2
        service.wait_for("opened", count=2)


def test_it_listens_on_loopback_of_both_versions(catflap: Callable[..., Service]) -> None:
    """Without bind= no other host reaches it; 127.0.0.1 and ::1 on one port do."""
    with _socket() as server:
        service = catflap("UDP-LISTEN:0", f"UDP4:127.0.0.1:{_port(server)}")
        assert service.on == [f"127.0.0.1:{service.port}", f"[::1]:{service.port}"]
        for host in ("127.0.0.1", "::1"):
            with _socket(host) as client:
                client.sendto(host.encode(), (host, service.port))
                assert server.recv(100) == host.encode()


def test_a_stranger_outside_the_range_gets_no_session(catflap: Callable[..., Service]) -> None:
    """The guard decides about each peer; refusals are counted, not told for every packet."""
    with _socket() as server, _socket() as client:
        first = "UDP4-LISTEN:0,range=10.0.0.0/8"
        service = catflap(first, f"UDP4:127.0.0.1:{_port(server)}")
        began = time.monotonic()
        for _ in range(20):
            client.sendto(b"let me in", ("127.0.0.1", service.port))
        service.wait_for("denied", rule="range")
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.recv(100)
        # Once a second: one event, where nothing stalls.
        assert len(service.find("denied")) <= 1 + int(time.monotonic() - began)
        assert not service.find("opened")


def test_an_idle_peer_is_let_go(catflap: Callable[..., Service]) -> None:
    """UDP tells no end, so silence is one."""
    with _socket() as server, _socket() as client:
        service = catflap("UDP4-LISTEN:0,idle-timeout=0.2", f"UDP4:127.0.0.1:{_port(server)}")
        client.sendto(b"once", ("127.0.0.1", service.port))
        closed = service.wait_for("closed")
        assert closed["closed_by"] == "limit"
        assert closed["sent"] == 4


def test_what_cannot_be_sent_is_counted(
    catflap: Callable[..., Service], free_port: Callable[[], int]
) -> None:
    """A far side that is not there costs packets, and the closing event says how many."""
    with _socket() as client:
        service = catflap("UDP4-LISTEN:0,idle-timeout=0.3", f"UDP4:127.0.0.1:{free_port()}")

        def counted() -> bool:
            """Send some; a refusal is heard of with the next packet, if the session still lives."""
            before = len(service.find("closed"))
            for _ in range(4):
                client.sendto(b"anybody there?", ("127.0.0.1", service.port))
            return service.wait_for("closed", count=before + 1)["lost"] >= 1

        eventually(counted)


def test_recvfrom_answers_each_packet_by_itself(catflap: Callable[..., Service]) -> None:
    """Each packet is a session; its sender gets what the program says, and the next one too."""
    with _socket() as client:
        service = catflap("UDP4-RECVFROM:0,fork", "EXEC:tr a-z A-Z")
        for word in (b"one", b"two"):
            client.sendto(word, ("127.0.0.1", service.port))
            assert client.recv(100) == word.upper()
        service.wait_for("opened", count=2)


def test_recvfrom_tells_a_program_who_asked(catflap: Callable[..., Service]) -> None:
    """The environment holds both addresses, and what ip-recvttl asks of the packet."""
    with _socket() as client:
        command = "SYSTEM:'read -r word; echo $SOCAT_PEERPORT $SOCAT_IP_TTL $SOCAT_SOCKADDR'"
        service = catflap("UDP4-RECVFROM:0,fork,ip-recvttl", command)
        client.sendto(b"who?\n", ("127.0.0.1", service.port))
        answer = client.recv(200).decode().split()
        assert answer == [str(_port(client)), "64", "127.0.0.1"]


def test_recv_takes_from_all_and_answers_nobody(catflap: Callable[..., Service]) -> None:
    """Packets of several senders come out of one stream, over both versions of IP."""
    with _socket() as server, _socket() as first, _socket("::1") as second:
        target = f"UDP4:127.0.0.1:{_port(server)}"
        service = catflap("UDP-RECV:0", target, "-u")
        for sock, host in ((first, "127.0.0.1"), (second, "::1")):
            sock.sendto(host.encode(), (host, service.port))
            assert server.recv(100) == host.encode()


def test_a_stream_goes_out_in_packets_of_eight_kilobytes(
    catflap: Callable[..., Service],
) -> None:
    """A stream has no packets, so it is cut where the C program cuts it."""
    with _socket() as server:
        service = catflap(
            "STDIN", f"UDP4:127.0.0.1:{_port(server)}", "-u", until="", stdin=subprocess.PIPE
        )
        assert service.process.stdin is not None
        service.process.stdin.write(b"x" * 20_000)
        service.process.stdin.close()
        assert [len(server.recv(70_000)) for _ in range(3)] == [8192, 8192, 3616]
        assert service.wait() == 0


def test_udplite_goes_through_too(catflap: Callable[..., Service]) -> None:
    """UDP-Lite (RFC 3828) differs in its checksum only."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136) as client,
    ):
        server.bind(("127.0.0.1", 0))
        for sock in (server, client):
            sock.settimeout(PATIENCE)
        service = catflap("UDPLITE4-LISTEN:0", f"UDPLITE4:127.0.0.1:{_port(server)}")
        client.sendto(b"there", ("127.0.0.1", service.port))
        arrived, relay = server.recvfrom(100)
        assert arrived == b"there"
        server.sendto(b"back", relay)
        assert client.recv(100) == b"back"


@pytest.mark.needs("socat")
def test_socat_sends_and_we_answer(catflap: Callable[..., Service]) -> None:
    """The C program's UDP-SENDTO gets an answer from our RECVFROM."""
    service = catflap("UDP4-RECVFROM:0,fork", "EXEC:cat")
    words = ["socat", "-t1", "-", f"UDP4-SENDTO:127.0.0.1:{service.port}"]
    done = converse(words, b"hello\n", b"hello\n")
    assert (done.out, done.status) == (b"hello\n", 0)


@pytest.mark.needs("socat")
@pytest.mark.parametrize("kind", ["UDP4", "UDP4-SENDTO", "UDP4-DATAGRAM"])
def test_we_send_and_socat_answers(
    catflap: Callable[..., Service], free_port: Callable[[], int], kind: str
) -> None:
    """Each kind that goes to somebody gets its answer back from the C program's listener."""
    port = free_port()
    server = subprocess.Popen(["socat", f"UDP4-LISTEN:{port},bind=127.0.0.1", "EXEC:cat"])
    try:
        await_ready(server, "udp", port)
        service = catflap(
            "STDIO",
            f"{kind}:127.0.0.1:{port}",
            until="opened",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        stdin, stdout = service.process.stdin, service.process.stdout
        assert stdin is not None
        assert stdout is not None
        heard = b""
        while not heard:
            stdin.write(b"ping\n")
            stdin.flush()
            heard = _readable(stdout.fileno())
        assert heard.startswith(b"ping\n")
    finally:
        server.kill()
        server.wait()


def _readable(descriptor: int) -> bytes:
    """Return what can be read within a moment, or nothing: the listener may not be up yet."""
    found, _, _ = select.select([descriptor], [], [], 0.1)
    return os.read(descriptor, 1000) if found else b""
