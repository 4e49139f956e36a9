"""Descriptors that somebody else goes on using, and numbers behind which there is nothing."""

from __future__ import annotations

import socket
import subprocess

from tests.support.waiting import PATIENCE


def test_socket_of_somebody_else_is_not_shut_down(socat_program) -> None:
    """A shell's ``exec 3<>/dev/tcp/...`` is used by one program after the other."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        number = theirs.fileno()
        for word in (b"one\n", b"two\n"):
            for words in (["-u", "-", f"FD:{number}"], ["-", f"FD:{number}"]):
                subprocess.run(
                    [socat_program, *words],
                    input=word,
                    pass_fds=(number,),
                    timeout=PATIENCE,
                    check=True,
                )
                assert mine.recv(100) == word
        mine.setblocking(False)
        # No end has come: the connection is still whoever's it was.
        mine.sendall(b"still there")
        assert theirs.recv(100) == b"still there"


def test_standard_output_that_is_a_socket_is_not_shut_down(socat_program) -> None:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        for _ in range(2):
            subprocess.run(
                [socat_program, "-u", "SYSTEM:echo hello", "-"],
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                timeout=PATIENCE,
                check=True,
            )
            assert mine.recv(100) == b"hello\n"


def test_shut_down_is_done_where_it_is_said(socat_program) -> None:
    """Who answers only after the end of the question can be told of it."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        number = theirs.fileno()
        subprocess.run(
            [socat_program, "-u", "-", f"FD:{number},shut-down"],
            input=b"all\n",
            pass_fds=(number,),
            timeout=PATIENCE,
            check=True,
        )
        assert mine.recv(100) == b"all\n"
        assert mine.recv(100) == b""


def test_number_without_a_descriptor_is_never_one_of_our_own(ours) -> None:
    """What is opened at the start has the lowest free numbers: the loop's epoll, its sockets."""
    for number in range(3, 12):
        run = ours("-u", f"FD:{number}", "-")
        assert run.status == 1
        assert f"descriptor {number} is not open" in run.log


def test_closed_standard_descriptors_are_silent_ones(socat_program, tmp_path) -> None:
    """Daemons are started so: nothing comes from there, and what goes there is nobody's."""
    (tmp_path / "f").write_text("kept\n")
    for closed in ("<&-", ">&-"):
        line = f'exec "$0" - "OPEN:$1,append" {closed}'
        words = ["sh", "-c", line, socat_program, str(tmp_path / "f")]
        done = subprocess.run(words, input=b"", capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
