"""Addresses that can be used one way only, where nobody said -u or -U."""

from __future__ import annotations

import socket

import pytest

from tests.support.ports import free_port
from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE


def test_listener_to_standard_output_warns_and_serves(start, tmp_path) -> None:
    """It stands like that in many a tutorial."""
    port = free_port()
    process = start(f"TCP4-LISTEN:{port},bind=127.0.0.1", "STDOUT")
    await_ready(process, "tcp", port)
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(b"for the screen\n")
    assert process.stdout.read() == b"for the screen\n"
    assert process.wait(PATIENCE) == 0
    log = (tmp_path / "log").read_text()
    assert " W address is opened in read-write mode but only supports write-only" in log


def test_packets_to_standard_output(start) -> None:
    """Both sides can be used one way only, and it is the same way."""
    port = free_port()
    process = start(f"UDP4-RECV:{port},bind=127.0.0.1", "STDOUT")
    await_ready(process, "udp", port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"a packet\n", ("127.0.0.1", port))
    assert process.stdout.readline() == b"a packet\n"


@pytest.mark.parametrize(
    "words",
    [("STDIN", "STDIN"), ("-u", "STDOUT", "-"), ("-U", "STDIN", "-"), ("STDOUT", "STDERR")],
)
def test_no_way_that_is_left_is_an_error(ours, words) -> None:
    """Nothing would flow."""
    run = ours(*words)
    assert run.status == 1
    assert " E address is opened in" in run.log


def test_written_the_wrong_way_round_flows_backward(ours) -> None:
    """The one way that both have is from the second to the first."""
    run = ours("STDOUT", "STDIN", given=b"hello\n")
    assert (run.status, run.out) == (0, b"hello\n")


def test_packets_that_do_not_fit_are_counted_and_told(start, tmp_path) -> None:
    """One packet too long for its way ends no relay of packets, and is not lost in silence."""
    port, path = free_port(), str(tmp_path / "s")
    process = start("-u", f"UNIX-RECVFROM:{path}", f"UDP4-SENDTO:127.0.0.1:{port}")
    await_ready(process, "file", path=tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(bytes(65_600), path)
    assert process.wait(PATIENCE) == 0
    assert " W 1 packet(s) could not be passed on" in (tmp_path / "log").read_text()
