"""Ends that are given: a text, silence, and a listening socket of somebody else's."""

import socket
import subprocess
import sys

from tests.support.traffic import swap


def run(*words, given=b"", **more):
    """Return what comes out of one run."""
    command = [sys.executable, "-m", "catflap", "run", "--log", "none", *words]
    return subprocess.run(
        command, input=given, capture_output=True, timeout=60, check=False, **more
    )


def test_a_text_is_given_and_the_answer_printed():
    """TEXT sends what its address says, then ends; what comes back is printed."""
    assert run("TEXT:one\\ntwo", "SYSTEM:tr a-z A-Z").stdout == b"ONE\nTWO"


def test_silence_ends_by_its_limit():
    """STALL gives nothing, so that a limit can be tried out."""
    assert run("STDIO", "STALL,half-close-timeout=0.1", given=b"x").stdout == b""


def test_a_listening_socket_is_served_and_given_back(catflap, connect, taker):
    """ACCEPT-FD serves connection after connection; the socket listens on when we are gone."""
    with socket.create_server(("127.0.0.1", 0)) as given:
        port = given.getsockname()[1]
        number = given.fileno()
        service = catflap(
            f"ACCEPT-FD:{number}", f"TCP:127.0.0.1:{taker.port}", descriptors=[number]
        )
        assert service.on == [f"127.0.0.1:{port}"]
        for _ in range(2):
            swap(connect(port), taker.take(), 10_000)
        assert service.stop() == 0
        assert given.getblocking()
        connect(port)
        given.accept()[0].close()


def test_a_socket_that_strangers_reach_needs_a_range(catflap):
    """No rule sees where an inherited socket listens: we look, and refuse."""
    with socket.create_server(("0.0.0.0", 0)) as given:
        address = f"ACCEPT-FD:{given.fileno()}"
        service = catflap(address, "STALL", until="", descriptors=[given.fileno()])
        assert service.wait() == 1
        assert "beyond this host" in service.story()
        catflap(f"{address},range=127.0.0.0/8", "STALL", descriptors=[given.fileno()])


def test_a_descriptor_that_does_not_listen_is_refused(catflap):
    """What is given must be what was promised."""
    with socket.socket() as given:
        address = f"ACCEPT-FD:{given.fileno()}"
        service = catflap(address, "STALL", until="", descriptors=[given.fileno()])
        assert service.wait() == 1
        assert "no stream socket that listens" in service.story()
