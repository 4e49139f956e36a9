"""The option nofork: the program gets the connection itself, and nothing of ours stands between."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.needs("socat")


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["-", "EXEC:cat,nofork"], b"hello\n"),
        (["-", "SYSTEM:cat,nofork"], b"hello\n"),
        (["-", "SYSTEM:cat,nofork,setsid"], b"hello\n"),
        (["-", "SYSTEM:exit 3,nofork"], b""),
        (["-", "EXEC:'sh -c \"exit 3\"',nofork"], b""),
        (["-u", "/dev/null", "EXEC:echo hello,nofork"], b""),
        (["-U", "-", "EXEC:echo hello,nofork"], b""),
        (["-", "EXEC:cat /dev/fd/7,nofork,fdin=7"], b"hello\n"),
        (["STDIN!!STDOUT", "EXEC:cat,nofork"], b"hello\n"),
        (["EXEC:cat,nofork", "-"], b""),
        (["-", "EXEC:cat,nofork!!-"], b""),
    ],
    ids=str,
)
def test_same_bytes_and_status_as_the_c_program(ours, theirs, words, given) -> None:
    """The program's own status is ours, and what cannot be is refused by both."""
    mine, real = ours(*words, given=given), theirs(*words, given=given)
    assert (mine.out, mine.status != 0) == (real.out, real.status != 0), mine.log
    if real.status > 1:
        assert mine.status == real.status


def test_process_becomes_the_program(start) -> None:
    """With EXEC nobody waits: who started us has the program itself under our number."""
    process = start("-U", "-", "EXEC:sleep 600,nofork")
    name = Path(f"/proc/{process.pid}/comm")
    eventually(lambda: name.read_text() == "sleep\n")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == -signal.SIGTERM


def test_program_has_the_connection_blocking_and_nothing_else_of_ours(
    start, free_port, tmp_path
) -> None:
    """A program expects to wait when it reads; and no listening socket is left to it."""
    port = free_port()
    script = tmp_path / "look"
    script.write_text(
        "#!/bin/sh\n"
        f"ls -l /proc/$$/fd > {tmp_path}/open\n"
        f"grep ^flags /proc/$$/fdinfo/0 > {tmp_path}/flags\n"
        "exec cat\n"
    )
    script.chmod(0o755)
    start(f"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr", f"EXEC:{script},nofork")
    assert _talk(port, b"hello\n") == b"hello\n"
    sockets = [line for line in (tmp_path / "open").read_text().splitlines() if "socket:" in line]
    assert len({line.split()[-1] for line in sockets}) == 1
    flags = int((tmp_path / "flags").read_text().split()[1], 8)
    assert not flags & os.O_NONBLOCK


def test_with_fork_each_connection_has_a_program_of_its_own(start, free_port) -> None:
    """Two at once, each on its own socket, and the listener goes on."""
    port = free_port()
    process = start(
        f"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork",
        "EXEC:'sh -c \"cat; echo $SOCAT_PEERADDR\"',nofork",
    )
    with _connected(port) as first, _connected(port) as second:
        for sock, word in ((second, b"two\n"), (first, b"one\n")):
            sock.sendall(word)
            sock.shutdown(socket.SHUT_WR)
            assert sock.makefile("rb").read() == word + b"127.0.0.1\n"
    assert process.poll() is None


def test_service_that_ends_takes_the_connection_back(start, free_port, tmp_path) -> None:
    """What the program holds ends for its peer too."""
    port = free_port()
    process = start(
        f"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", "EXEC:'sh -c \"echo in; cat\"',nofork"
    )
    with _connected(port) as sock:
        assert sock.recv(10) == b"in\n"
        process.send_signal(signal.SIGTERM)
        assert sock.recv(10) == b""
    assert process.wait(PATIENCE) == 143


def test_signal_for_the_shell_that_waits_is_ours(start, tmp_path) -> None:
    """SYSTEM has somebody who waits for the shell, and dies of its signal as always."""
    process = start("PIPE", f"SYSTEM:echo $PPID > {tmp_path}/parent; cat,nofork,pty,setsid")
    eventually(lambda: (tmp_path / "parent").exists() and (tmp_path / "parent").read_text())
    assert int((tmp_path / "parent").read_text()) == process.pid
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 143


def test_what_passes_cannot_be_shown(ours) -> None:
    """Who asks to see the bytes is told that there are none to see."""
    done = ours("-v", "-", "EXEC:cat,nofork", given=b"hello\n")
    assert done.out == b"hello\n"
    assert " W -v, -x, -r and -R show nothing where nofork" in done.log


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("-,cr", "cr has no effect where nofork hands the connection over"),
        ("-,readbytes=3", "readbytes has no effect where nofork"),
        ("OPENSSL:127.0.0.1:1,verify=0", "cannot be handed over: the program would read TLS"),
    ],
)
def test_what_would_be_done_to_the_bytes_is_refused(ours, first, said) -> None:
    """The program would read other bytes than were asked for."""
    done = ours(first, "EXEC:cat,nofork")
    assert done.status == 1
    assert said in done.log


def test_what_is_only_useless_is_told(ours) -> None:
    """Scripts give a terminal to programs that then get the connection instead."""
    done = ours("-d", "-d", "-", "SYSTEM:cat,nofork,pty", given=b"hello\n")
    assert (done.out, done.status) == (b"hello\n", 0)
    assert " N pty has no effect where nofork hands the connection over" in done.log


def _connected(port: int) -> socket.socket:
    """Connect to a listener that may be a moment late."""
    found: list[socket.socket] = []

    def tried() -> bool:
        try:
            found.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        except ConnectionRefusedError:
            return False
        return True

    eventually(tried)
    return found[0]


def _talk(port: int, data: bytes) -> bytes:
    with _connected(port) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return sock.makefile("rb").read()
