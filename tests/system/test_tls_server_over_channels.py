"""TLS-SERVER: the server's end of TLS over a terminal, a line or a program."""

import os
import pty
import tty

import pytest

from tests.support.waiting import eventually


def serving(certificates, via, *options):
    """Return the server's address over another one."""
    own = f"TLS-SERVER,cert={certificates.server},cafile={certificates.ca}"
    return ",".join((own, f"via=[{via}]", *options))


def calling(certificates, via):
    """Return the client's address over another one."""
    own = f"cert={certificates.client},cafile={certificates.ca}"
    return f"TLS:localhost:1,{own},via=[{via}]"


@pytest.fixture
def link(tmp_path):
    """Return where a terminal gets its name."""
    return tmp_path / "line"


def test_both_ends_over_a_line(catflap, connect, echo, certificates, link):
    """One catflap is the server on a terminal's master, another the client on its slave."""
    server = catflap(
        serving(certificates, f"PTY,link={link},rawer"), f"TCP:127.0.0.1:{echo.port}", until=""
    )
    eventually(link.is_symlink)
    near = catflap("TCP-LISTEN:0", calling(certificates, f"OPEN:{link},rawer"))
    client = connect(near.port)
    for number in range(32):
        text = os.urandom(4096 + number)
        assert client.ask(text) == text
    assert server.wait_for("opened")["certificate"]["subject"] == "CN=client"


def test_behind_a_listener(catflap, connect, certificates, link):
    """As the second address: who connects talks to whoever is the client on the line."""
    outer = catflap("TCP-LISTEN:0,bind=127.0.0.1", serving(certificates, f"PTY,link={link},rawer"))
    near = connect(outer.port)
    eventually(link.is_symlink)
    catflap("PIPE", calling(certificates, f"OPEN:{link},rawer"), until="")
    assert near.ask(b"ping") == b"ping"


@pytest.mark.needs("socat")
def test_over_a_program(catflap, certificates, taker, connect):
    """A program may carry the bytes: here it calls out, and the client answers as a server of TCP."""
    catflap(
        serving(certificates, f"EXEC:'socat -t 60 - TCP:127.0.0.1:{taker.port}'"), "PIPE", until=""
    )
    carried = taker.take()
    near = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        calling(certificates, f"FD:{carried.socket.fileno()}"),
        descriptors=[carried.socket.fileno()],
    )
    assert connect(near.port).ask(b"ping") == b"ping"


def test_a_client_without_a_certificate_is_refused(catflap, certificates, link):
    """Who comes by the line must prove who they are, as everywhere."""
    server = catflap(serving(certificates, f"PTY,link={link},rawer"), "PIPE", until="")
    eventually(link.is_symlink)
    address = f"TLS:localhost:1,cafile={certificates.ca},via=[OPEN:{link},rawer]"
    catflap("PIPE", address, until="")
    assert server.wait() == 1
    assert "certificate-missing" in server.story()


def test_garbage_is_told(catflap, certificates, link):
    """A line that speaks something else is no client of TLS, and is not waited for."""
    server = catflap(serving(certificates, f"PTY,link={link},rawer"), "PIPE", until="")
    eventually(link.is_symlink)
    line = os.open(link, os.O_RDWR | os.O_NOCTTY)
    os.write(line, b"login: guest\r\n" * 4)
    assert server.wait() == 1
    assert "TLS over" in server.story()
    os.close(line)


def test_silence_after_the_first_byte_has_a_limit(catflap, certificates):
    """A client is waited for as long as it takes; a handshake is not."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    address = serving(certificates, f"FD:{slave}", "handshake-timeout=0.2")
    server = catflap(address, "PIPE", until="", descriptors=[slave])
    os.write(master, b"\x16")
    assert server.wait() == 1
    assert "handshake-timeout" in server.story()
    os.close(master)
    os.close(slave)


def test_without_a_way_it_is_refused(catflap, certificates):
    """There is no port to listen on: the address says by what its client comes."""
    address = f"TLS-SERVER,cert={certificates.server},cafile={certificates.ca}"
    service = catflap(address, "PIPE", until="")
    assert service.wait() == 2
    assert "via=[" in service.story()


def test_clients_that_prove_nothing_are_a_finding(catflap, certificates, link):
    """verify=0 is warned of at the start, as for a listener."""
    address = f"TLS-SERVER,cert={certificates.server},verify=0,via=[PTY,link={link},rawer]"
    service = catflap(address, "PIPE", until="")
    eventually(link.is_symlink)
    eventually(lambda: "anonymous-clients" in service.story())
