"""Odd surroundings: closed standard descriptors, names with two versions of IP, programs that go."""

import os
import re
import socket
import sys

import pytest

from tests.support.readiness import await_ready
from tests.support.traffic_peers import Program
from tests.support.traffic_process import descriptors
from tests.support.waiting import PATIENCE, eventually


def test_closed_standard_descriptors(connect, echo, tmp_path):
    """Started with 0, 1 and 2 closed, no socket takes their place and gets a log line."""
    near, log = tmp_path / "near", tmp_path / "log"
    command = (
        f"exec {sys.executable} -m catflap run --log-format=json --log-file={log} "
        f"UNIX-LISTEN:{near} TCP:127.0.0.1:{echo.port} <&- >&- 2>&-"
    )
    with Program("/bin/sh", "-c", command) as relay:
        await_ready(relay.process, "file", path=near)
        end = connect(near)
        assert end.ask(b"hello") == b"hello"
        end.close()
        for number in range(3):
            link = f"/proc/{relay.process.pid}/fd/{number}"
            assert not os.path.lexists(link) or "socket" not in os.readlink(link)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_localhost_is_either_version(catflap, connect, address):
    """TCP:localhost reaches a server that listens on one version of IP only."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as far:
        far.settimeout(PATIENCE)
        service = catflap("TCP-LISTEN:0", f"TCP:localhost:{far.getsockname()[1]}")
        near = connect(service.port)
        near.send(b"hello")
        sock, _ = far.accept()
        with sock:
            assert sock.recv(10) == b"hello"


def test_program_that_goes_at_once(catflap, connect):
    """A program that ends at once ends its session, and leaves no zombie and no descriptor."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", "EXEC:true")
    first = connect(service.port)
    assert first.receive() == b""
    first.close()
    service.wait_for("closed")
    eventually(lambda: not _children(service.pid), what="no children")
    baseline = descriptors(service.pid)
    for number in range(30):
        end = connect(service.port)
        try:
            end.send(b"nobody reads this")
            end.receive()
        except ConnectionError:
            pass
        end.close()
        service.wait_for("closed", count=number + 2)
    eventually(lambda: not _children(service.pid), what="no children")
    eventually(lambda: descriptors(service.pid) <= baseline, what="the baseline")


def test_program_outlives_a_client_that_resets(catflap, connect):
    """A client that goes takes its program with it, within the patience for programs."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", "EXEC:cat")
    end = connect(service.port)
    assert end.ask(b"hello") == b"hello"
    assert _children(service.pid)
    end.close()
    service.wait_for("closed")
    eventually(lambda: not _children(service.pid), what="no children")


def _children(pid) -> list[int]:
    """Return the living and dead children of a process."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parent = re.search(r"\) . (\d+)", file.read())
            except OSError:
                continue
            if parent and int(parent[1]) == pid:
                found.append(int(name))
    return found


def test_two_thousand_in_a_row(catflap, connect, echo):
    """Two thousand sessions, one after the other, leave nothing behind."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    baseline = descriptors(service.pid)
    for _ in range(2000):
        end = connect(service.port)
        assert end.ask(b"hello") == b"hello"
        end.close()
    service.wait_for("closed", count=2000)
    eventually(lambda: descriptors(service.pid) <= baseline, what="the baseline")
    assert service.stop() == 0
    assert service.wait_for("stopped")["served"] == 2000
