"""Programs as the other end: how they are told, how they end, what they are told of the peer."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE, eventually


def test_signal_that_goes_to_a_program_comes_though_a_shell_ignores_it(
    socat_program, tmp_path
) -> None:
    """Shells start what runs in the background with SIGINT ignored."""
    log = tmp_path / "log"
    words = ("-d", "-d", "SOCKETPAIR", "EXEC:cat,pty,setsid,sigint")
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'trap "" INT; exec "$0" "$@"', socat_program, *words],
            stderr=file,
        )
    try:
        eventually(lambda: "starting data transfer" in log.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 1
    finally:
        process.kill()
        process.wait()
    assert "exited on signal 2" in log.read_text()


def test_program_on_a_terminal_is_asked_to_end_before_its_terminal_is_gone(ours) -> None:
    """Otherwise it reports an error of its terminal, which was none of its doing.

    Only the program itself is asked: what a shell has started for it is told by the terminal.
    """
    words = ("-t", "0.2", "-", "EXEC:cat,pty,echo=0,opost=0,cfmakeraw")
    run = ours(*words, given=b"hello\n", until=b"hello\n")
    assert (run.out, run.log, run.status) == (b"hello\n", "", 0)


def test_program_that_is_only_written_to_may_finish(ours, tmp_path) -> None:
    """It has what -t says, and no more than it needs of that."""
    written = tmp_path / "written"
    run = ours("-t", "600", "-u", "-", f"SYSTEM:cat; sleep 0.3; echo x >{written}", given=b"a")
    assert run.status == 0
    assert written.read_text() == "x\n"


def test_program_that_is_only_written_to_has_a_second_whatever_is_said(
    socat_program, tmp_path
) -> None:
    """Then it is ended, whatever it still does."""
    begun = tmp_path / "begun"
    words = ("-t", "0.05", "-u", "-", f"SYSTEM:echo x >{begun}; cat; exec sleep 600")
    process = subprocess.Popen([socat_program, *words], stdin=subprocess.PIPE)
    try:
        eventually(begun.exists)
        ended = time.monotonic()
        process.stdin.close()
        process.wait(PATIENCE)
        assert time.monotonic() - ended >= 1
    finally:
        process.kill()
        process.wait()


def test_place_of_a_session_is_taken_until_its_program_is_gone(start, free_port, tmp_path) -> None:
    """max-children counts programs, not what was still to be read."""
    port, told = free_port(), tmp_path / "told"
    words = (f"TCP4-LISTEN:{port},fork,max-children=1", f"SYSTEM:cat >>{told}; sleep 0.4")
    start("-u", *words)
    for word in (b"1", b"2"):
        _say(port, word)
    eventually(lambda: told.exists() and told.read_text() == "12")
    begun = (tmp_path / "log").read_text()
    assert "max-children" not in begun


def _say(port: int, data: bytes) -> None:
    def connected() -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except ConnectionRefusedError:
            return None

    with eventually(connected) as sock:
        sock.sendall(data)


_FIRST_OF_EACH = """
import os
while packet := os.read(0, 99):
    os.write(1, packet[:1])
"""


@pytest.mark.parametrize("kind", ["2", "5"])
def test_packets_of_a_program_stay_apart(ours, tmp_path, kind) -> None:
    """socktype=2 and 5: each write of ours is one read of the program's."""
    (tmp_path / "program.py").write_text(_FIRST_OF_EACH)
    program = f"EXEC:{sys.executable} {tmp_path}/program.py,socktype={kind},shut-null"
    assert ours("-b", "3", "-", program, given=b"abcdefg").out == b"adg"


def test_program_that_goes_ends_a_session_of_datagrams(ours) -> None:
    """A datagram socket tells no end by itself."""
    assert ours("-t", "600", "-", "EXEC:echo gone,socktype=2").out == b"gone\n"


def test_every_signal_of_the_mask_is_told(start, tmp_path) -> None:
    """-S takes any signal that can be caught, also one that would leave a core."""
    process = start("-d", "-d", "-S", "0x80000000", "PIPE", "PIPE")
    eventually(lambda: "starting data transfer" in (tmp_path / "log").read_text())
    process.send_signal(signal.SIGSYS)
    assert process.wait(PATIENCE) == 128 + signal.SIGSYS
    assert f"E exiting on signal {int(signal.SIGSYS)}" in (tmp_path / "log").read_text()


def test_name_of_a_unix_peer_is_told(start, ours, tmp_path) -> None:
    """Where its socket is bound to a name; else it has none."""
    server = start("UNIX-LISTEN:" + str(tmp_path / "s") + ",fork", "SYSTEM:echo $SOCAT_PEERADDR")
    await_ready(server, "file", path=tmp_path / "s")
    named = f"UNIX-CONNECT:{tmp_path / 's'},bind={tmp_path / 'me'}"
    assert ours("-", named).out.decode().strip() == str(tmp_path / "me")
    assert ours("-", f"UNIX-CONNECT:{tmp_path / 's'}").out == b"<anon>\n"


@pytest.mark.parametrize(("kind", "host"), [("UDP4", "127.0.0.1"), ("UDP6", "[::1]")])
def test_address_that_a_udp_peer_talks_with_is_told(start, free_port, kind, host) -> None:
    """Not the wildcard that our socket is bound to."""
    port = free_port()
    shown = "127.0.0.1" if kind == "UDP4" else "[0000:0000:0000:0000:0000:0000:0000:0001]"
    process = start("-d", "-d", f"{kind}-LISTEN:{port}", "SYSTEM:echo $SOCAT_SOCKADDR")
    await_ready(process, "udp", port)
    family = socket.AF_INET6 if kind == "UDP6" else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect((host.strip("[]"), port))
        client.send(b"x")
        assert client.recv(100).decode().strip() == shown


def test_program_is_told_of_the_server_that_was_reached(
    start, ours, free_port, certificates
) -> None:
    """Where the first address connects, its certificate is told to the second one's program."""
    port = free_port()
    server = f"OPENSSL-LISTEN:{port},fork,cert={certificates.server},verify=0"
    await_ready(start("-u", "OPEN:/dev/null", server), "tcp", port)
    client = f"OPENSSL:127.0.0.1:{port},cafile={certificates.ca},commonname=localhost"
    run = ours("-u", client, "SYSTEM:echo $SOCAT_OPENSSL_X509_SUBJECT")
    assert b"CN = " in run.out
