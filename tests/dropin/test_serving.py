"""Listeners as the C program has them: one connection, or with fork each on its own."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE, eventually


def _talk(port: int, data: bytes) -> bytes:
    """Send, end, and read what comes back; the listener may be a moment late."""

    def connected() -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except ConnectionRefusedError:
            return None

    with eventually(connected) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        found = b""
        while piece := sock.recv(4096):
            found += piece
        return found


def test_without_fork_one_connection_is_all(start, free_port) -> None:
    port = free_port()
    process = start(f"TCP4-LISTEN:{port},reuseaddr", "PIPE")
    assert _talk(port, b"once") == b"once"
    assert process.wait(PATIENCE) == 0


def test_with_fork_each_connection_is_its_own(start, free_port) -> None:
    port = free_port()
    process = start(f"TCP4-LISTEN:{port},reuseaddr,fork", "SYSTEM:cat; echo @$SOCAT_PEERADDR")
    assert [_talk(port, word) for word in (b"a", b"b")] == [b"a@127.0.0.1\n", b"b@127.0.0.1\n"]
    assert process.poll() is None


def test_all_connections_may_write_to_one_standard_output(start, free_port) -> None:
    port = free_port()
    process = start("-u", f"TCP4-LISTEN:{port},reuseaddr,fork", "STDOUT")
    for word in (b"first\n", b"second\n", b"third\n"):
        _talk(port, word)
    found = b""
    while found.count(b"\n") < 3:
        found += process.stdout.read1()
    assert sorted(found.split()) == [b"first", b"second", b"third"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)],
)
def test_signal_ends_it_with_its_number(start, free_port, tmp_path, number, status) -> None:
    port = free_port()
    process = start("-d", "-d", f"TCP4-LISTEN:{port},fork", "PIPE")
    log = tmp_path / "log"
    eventually(lambda: f"listening on AF=2 0.0.0.0:{port}" in log.read_text())
    process.send_signal(number)
    assert process.wait(PATIENCE) == status
    assert f"exiting on signal {int(number)}" in log.read_text()


def test_refused_peer_reads_an_end_and_the_log_says_why(start, free_port, tmp_path) -> None:
    port = free_port()
    start(f"TCP4-LISTEN:{port},range=10.0.0.0/8", "PIPE")
    assert _talk(port, b"") == b""
    line = "due to range option"
    eventually(lambda: line in (tmp_path / "log").read_text())


def test_accept_timeout_ends_in_peace(ours, free_port) -> None:
    run = ours(f"TCP4-LISTEN:{free_port()},accept-timeout=0.2", "PIPE")
    assert run.status == 0


def test_usr1_tells_the_statistics_and_it_goes_on(start, free_port, tmp_path) -> None:
    port = free_port()
    process = start("-d", "-d", "-d", f"TCP4-LISTEN:{port},fork", "PIPE")
    assert _talk(port, b"12345") == b"12345"
    process.send_signal(signal.SIGUSR1)
    text = "STATISTICS: left to right: 1 packets(s), 5 byte(s)"
    eventually(lambda: text in (tmp_path / "log").read_text())
    assert process.poll() is None


def test_finding_is_a_warning_and_enforced_it_refuses(start, ours, free_port, tmp_path) -> None:
    port = free_port()
    shell = f"TCP4-LISTEN:{port},fork"
    start(shell, "EXEC:/bin/sh")
    log = tmp_path / "log"
    eventually(lambda: "W catflap: remote-shell (critical)" in log.read_text())
    run = ours(shell, "EXEC:/bin/sh", CATFLAP_GATE="enforce")
    assert run.status == 4
    assert "remote-shell" in run.log


def test_lock_keeps_a_second_one_out(start, ours, free_port, tmp_path) -> None:
    lock = tmp_path / "lock"
    process = start("-L", str(lock), f"TCP4-LISTEN:{free_port()}", "PIPE")
    eventually(lock.exists)
    assert int(lock.read_text()) == process.pid
    second = ours("-L", str(lock), "-", "PIPE")
    assert second.status == 1
    assert "could not obtain lock" in second.log
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    assert not lock.exists()


def test_listeners_take_the_version_that_the_environment_says(start, free_port, tmp_path) -> None:
    port = free_port()
    start("-d", "-d", f"TCP-LISTEN:{port}", "PIPE", SOCAT_DEFAULT_LISTEN_IP="6")
    log = tmp_path / "log"
    eventually(lambda: "listening on AF=10 [0000:" in log.read_text())


def test_end_close_keeps_one_connection_for_all(start, free_port, tmp_path) -> None:
    """What the forked children of the C program inherit, all sessions share here."""
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as collector:
        collector.settimeout(PATIENCE)
        far = f"TCP4:127.0.0.1:{collector.getsockname()[1]},end-close"
        start("-U", far, f"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork")
        _talk(port, b"first ")
        peer, _ = collector.accept()
        collector.close()
        _talk(port, b"second")
        peer.settimeout(PATIENCE)
        found = b""
        while len(found) < len(b"first second"):
            found += peer.recv(100)
        assert found == b"first second"
        peer.close()


_COUNT = "'sh -c \"n=0; while read x; do n=$((n+1)); echo $n; done\"'"


def test_end_close_keeps_a_program_running(start, tmp_path) -> None:
    """One program for all who come, one after the other."""
    path = tmp_path / "socket"
    server = start("-t0.3", f"EXEC:{_COUNT},end-close", f"UNIX-LISTEN:{path},fork")
    await_ready(server, "file", path=path)
    answers = []
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(str(path))
            sock.sendall(b"next\n")
            answers.append(sock.recv(100))
    assert answers == [b"1\n", b"2\n", b"3\n"]


def test_second_address_listens_once_the_first_is_open(start, tmp_path) -> None:
    """Scripts wait for the socket, and then count on the terminal being open."""
    line, path = tmp_path / "line", tmp_path / "socket"
    process = start(
        f"PTY,link={line},wait-slave,pty-interval=0.05,raw,echo=0", f"UNIX-LISTEN:{path}"
    )
    eventually(line.exists)
    assert not path.exists()
    terminal = os.open(line, os.O_RDWR | os.O_NOCTTY)
    try:
        await_ready(process, "file", path=path)
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(str(path))
            os.write(terminal, b"hello\n")
            assert sock.recv(100) == b"hello\n"
    finally:
        os.close(terminal)
    assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    "client", ["UNIX-CONNECT:{path},so-type=5", "UNIX-CLIENT:{path}", "{path}"]
)
def test_connection_of_packets_is_reached_and_its_end_is_seen(
    ours, start, tmp_path, client
) -> None:
    """A path may be that of a SOCK_SEQPACKET socket, whose end is an empty read (unix(7))."""
    path = tmp_path / "socket"
    process = start(f"UNIX-LISTEN:{path},so-type=5", "PIPE")
    await_ready(process, "file", path=path)
    done = ours("-", client.format(path=path), given=b"hello\n")
    assert (done.out, done.status) == (b"hello\n", 0)
    assert process.wait(PATIENCE) == 0


def test_path_of_a_datagram_socket_is_one_to_send_to(ours, start, tmp_path) -> None:
    """GOPEN takes the type of socket that is there."""
    path = tmp_path / "socket"
    process = start("-u", f"UNIX-RECV:{path}", "-")
    await_ready(process, "file", path=path)
    assert ours("-u", "-", str(path), given=b"hello\n").status == 0
    assert process.stdout.readline() == b"hello\n"
