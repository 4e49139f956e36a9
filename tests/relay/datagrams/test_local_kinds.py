"""Packet kinds that stay on this host: UNIX datagrams, socket pairs, queues, sockets by number."""

from __future__ import annotations

import os
import secrets
import select
import socket
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from catflap.relay.openers.posixmq import Queue, unlink_queue
from catflap.relay.packets.senders import sender
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.service import Service


@pytest.fixture
def unix_client(tmp_path: Path) -> Iterator[socket.socket]:
    """Return a bound UNIX datagram socket, so that it can be answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "client"))
        sock.settimeout(PATIENCE)
        yield sock


@pytest.fixture
def queue() -> Iterator[Queue]:
    """Return a message queue of our own, removed in the end."""
    made = Queue(f"/catflap-test-{secrets.token_hex(4)}", os.O_RDWR | os.O_CREAT, 0o600)
    yield made
    made.close()
    unlink_queue(made.name)


def test_unix_recvfrom_answers_whoever_has_a_name(
    catflap: Callable[..., Service], tmp_path: Path, unix_client: socket.socket
) -> None:
    """Each datagram is a session; the socket is closed to others and gone in the end."""
    path = tmp_path / "server"
    service = catflap(f"UNIX-RECVFROM:{path}", "EXEC:tr a-z A-Z")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for word in (b"one", b"two"):
        unix_client.sendto(word, str(path))
        assert unix_client.recv(100) == word.upper()
    assert service.stop() == 0
    assert not path.exists()


def test_unix_recvfrom_serves_whoever_has_an_odd_name(
    catflap: Callable[..., Service], tmp_path: Path
) -> None:
    """A name is bytes of its owner's choice: it is served, told, and no internet address."""
    service = catflap(f"UNIX-RECVFROM:{tmp_path}/near,fork", "EXEC:cat")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(os.fsencode(tmp_path) + b"/odd\xff\n")
        sock.settimeout(PATIENCE)
        sock.sendto(b"hello", str(tmp_path / "near"))
        assert sock.recv(100) == b"hello"
    assert service.wait_for("opened")["peer"] == f"{tmp_path}/odd\\udcff\n"
    assert service.wait_for("closed")
    assert not service.find("defect")
    assert sender("10.1.2.3").host == "./10.1.2.3"
    assert sender(b"\0::1").host == "@::1"
    assert sender("/run/x").host == "/run/x"


def test_abstract_recvfrom_answers_too(
    catflap: Callable[..., Service], unix_client: socket.socket
) -> None:
    """A name without a file works the same."""
    name = f"catflap-test-{secrets.token_hex(4)}"
    catflap(f"ABSTRACT-RECVFROM:{name}", "EXEC:cat", "--unsafe", "abstract-socket-no-permissions")
    unix_client.sendto(b"hello", f"\0{name}")
    assert unix_client.recv(100) == b"hello"


def test_unix_sendto_waits_for_a_full_queue(
    catflap: Callable[..., Service], tmp_path: Path
) -> None:
    """More packets than the receiver's queue holds: none is lost, all keep their order."""
    path = tmp_path / "server"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        server.settimeout(PATIENCE)
        catflap("EXEC:seq 1 3000", f"UNIX-SENDTO:{path}", "-u", until="opened")
        heard = b""
        while not heard.endswith(b"\n3000\n"):
            heard += server.recv(70_000)
    assert heard == b"".join(b"%d\n" % number for number in range(1, 3001))


def test_a_temporary_name_lets_a_client_be_answered(
    catflap: Callable[..., Service], tmp_path: Path
) -> None:
    """bind-tempname makes a name, and takes it away."""
    path = tmp_path / "server"
    template = tmp_path / "clientXXXXXX"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        server.settimeout(PATIENCE)
        service = catflap(
            "STDIO",
            f"UNIX-SENDTO:{path},bind-tempname={template}",
            until="",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        stdin, stdout = service.process.stdin, service.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(b"ping")
        stdin.flush()
        packet, client = server.recvfrom(100)
        assert (packet, client[:-6]) == (b"ping", str(tmp_path / "client"))
        server.sendto(b"pong", client)
        assert os.read(stdout.fileno(), 100) == b"pong"
        stdin.close()
        assert service.wait() == 0
        assert not os.path.exists(client)


def test_a_socketpair_gives_back_what_it_gets(catflap: Callable[..., Service]) -> None:
    """Packet by packet, whatever the listener's peer sends."""
    service = catflap("UDP4-LISTEN:0", "SOCKETPAIR")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", service.port))
        for packet in (b"one", b"", b"three" * 1000):
            client.send(packet)
            assert client.recv(70_000) == packet


def test_each_message_of_a_queue_is_a_session(
    catflap: Callable[..., Service], queue: Queue, tmp_path: Path
) -> None:
    """Children find the priority, and messages with a higher one come first."""
    output = tmp_path / "output"
    os.mkfifo(output)
    # Open for both ways, so that neither end waits for the other.
    descriptor = os.open(output, os.O_RDWR)
    queue.send(b"low\n", 1)
    queue.send(b"high\n", 9)
    # Who is slow is asked to end two seconds after its session.
    command = f"SYSTEM:'trap : TERM; echo $SOCAT_POSIXMQ_PRIO $(cat) >> {output}'"
    catflap(f"POSIXMQ-RECEIVE:{queue.name},fork", command, "-u")
    heard = b""
    while heard.count(b"\n") < 2:
        assert select.select([descriptor], [], [], PATIENCE)[0], f"only {heard!r} came"
        heard += os.read(descriptor, 1000)
    os.close(descriptor)
    assert sorted(heard.splitlines()) == [b"1 low", b"9 high"]


def test_a_queue_is_written_and_read(catflap: Callable[..., Service], queue: Queue) -> None:
    """Messages go in with the priority that was asked for, and come out whole."""
    catflap("EXEC:echo hello", f"POSIXMQ-SEND:{queue.name},mq-prio=5", "-u", until="closed")
    assert queue.receive() == (b"hello\n", 5)
    queue.send(b"back", 0)
    service = catflap(
        f"POSIXMQ-READ:{queue.name}", "STDOUT", "-u", until="opened", stdout=subprocess.PIPE
    )
    assert service.process.stdout is not None
    assert os.read(service.process.stdout.fileno(), 100) == b"back"


def test_a_socket_by_its_numbers_is_the_one_by_its_name(catflap: Callable[..., Service]) -> None:
    """SOCKET-CONNECT and SOCKET-SENDTO reach what TCP4 and UDP4 reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.settimeout(PATIENCE)
        address = f"SOCKET-CONNECT:2:6:x{port:04x}x7f000001x0000000000000000"
        catflap("EXEC:echo hello", address, "-u", until="opened")
        peer, _ = server.accept()
        with peer:
            peer.settimeout(PATIENCE)
            assert peer.recv(100) == b"hello\n"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        port = server.getsockname()[1]
        address = f"SOCKET-SENDTO:2:2:17:x{port:04x}x7f000001x0000000000000000"
        service = catflap("TCP4-LISTEN:0", address)
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            client.settimeout(PATIENCE)
            client.sendall(b"there")
            packet, relay = server.recvfrom(100)
            assert packet == b"there"
            server.sendto(b"back", relay)
            assert client.recv(100) == b"back"


def test_listening_by_numbers(
    catflap: Callable[..., Service], free_port: Callable[[], int]
) -> None:
    """SOCKET-LISTEN and SOCKET-RECVFROM are reached by the ordinary kinds."""
    port = free_port()
    tail = f"x{port:04x}x7f000001x0000000000000000"
    catflap(f"SOCKET-LISTEN:2:6:{tail}", "EXEC:cat")
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(PATIENCE)
        client.sendall(b"hello")
        assert client.recv(100) == b"hello"
    catflap(f"SOCKET-RECVFROM:2:2:17:{tail}", "EXEC:cat")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.sendto(b"packet", ("127.0.0.1", port))
        assert sock.recv(100) == b"packet"


def _has(family: int, kind: int, protocol: int) -> bool:
    try:
        socket.socket(family, kind, protocol).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("SCTP", (socket.AF_INET, socket.SOCK_STREAM, 132)), ("DCCP", (socket.AF_INET, 6, 33))],
)
def test_other_streams_work_or_say_what_the_kernel_lacks(
    catflap: Callable[..., Service],
    free_port: Callable[[], int],
    name: str,
    numbers: tuple[int, int, int],
) -> None:
    """Where the kernel has the protocol bytes come back; elsewhere the message names it."""
    port = free_port()
    if not _has(*numbers):
        service = catflap(f"{name}4-LISTEN:{port}", "EXEC:cat", until="")
        assert service.wait() == 1
        assert f"this kernel has no {name}" in service.story()
        pytest.skip(f"this kernel has no {name}")
    catflap(f"{name}4-LISTEN:{port}", "EXEC:cat")
    there = catflap("EXEC:echo hello!!STDOUT", f"{name}4:127.0.0.1:{port}", until="opened")
    there.wait_for("closed")
