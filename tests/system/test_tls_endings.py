"""How a TLS connection ends badly: cut short, never TLS at all, given up half-way."""

import pytest

from tests.support.ports import refusing_port
from tests.support.traffic_process import descriptors
from tests.support.traffic_servers import abort
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import eventually


@pytest.fixture
def service(catflap, certificates, taker):
    """Return a TLS listener before the taker."""
    return catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )


def test_truncation_is_no_end(service, certificates, taker):
    """A client that goes without close_notify may not have said all: the far side sees a reset."""
    with TlsClient(service.port, certificates.client) as client:
        client.send(b"the first half")
        far = taker.take()
        assert far.receive() == b"the first half"
        client.cut()
        with pytest.raises(ConnectionResetError):
            far.receive()
    assert "close_notify" in service.wait_for("closed")["reason"]


def test_close_notify_is_an_end(service, certificates, taker):
    """A client that says close_notify has ended one way; the answer still comes."""
    with TlsClient(service.port, certificates.client) as client:
        client.send(b"question")
        client.end()
        far = taker.take()
        assert far.receive() == b"question"
        assert far.receive() == b""
        far.send(b"answer")
        far.end()
        assert client.receive() == b"answer"
        assert client.receive() == b""
    assert service.wait_for("closed").get("reason", "") == ""


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "not-tls"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not-tls"),
        (b"\x16\x03\x01", "handshake-aborted"),
        (b"", "handshake-aborted"),
    ],
)
def test_what_is_no_tls(service, connect, taker, said, rule):
    """Plain HTTP, another protocol, and a client that goes: each has its rule."""
    baseline = descriptors(service.pid)
    end = connect(service.port)
    end.send(said)
    end.end()
    assert service.wait_for("handshake-failed")["rule"] == rule
    end.close()
    assert taker.is_quiet()
    eventually(lambda: descriptors(service.pid) <= baseline, what="the baseline")


def test_reset_during_handshake(service, connect):
    """A reset in the middle of a handshake leaves nothing."""
    baseline = descriptors(service.pid)
    for _ in range(20):
        end = connect(service.port)
        end.send(b"\x16\x03\x01\x02\x00")
        abort(end.socket)
    service.wait_for("handshake-failed", count=20)
    eventually(lambda: descriptors(service.pid) <= baseline, what="the baseline")


def test_far_side_down_after_handshake(catflap, certificates):
    """A good client of a server that is down is let go at once, and the event says why."""
    with refusing_port() as port:
        service = catflap(
            f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
            f"TCP:127.0.0.1:{port}",
        )
        with TlsClient(service.port, certificates.client) as client:
            assert client.ask(b"anybody?") == b""
    assert "refused" in service.wait_for("connect-failed")["reason"]


@pytest.mark.parametrize("name", ["server_wrong_name", "server_other"])
def test_wrong_server_is_refused(catflap, connect, certificates, taker, name):
    """A client relay refuses a server of another name or another authority, before any byte."""
    server = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={getattr(certificates, name)},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{server.port},cert={certificates.client},cafile={certificates.ca}",
    )
    with pytest.raises(ConnectionError):
        connect(client.port).receive()
    rule = {
        "server_wrong_name": "certificate-wrong-name",
        "server_other": "certificate-untrusted",
    }[name]
    assert client.wait_for("connect-failed")["rule"] == rule
    assert taker.is_quiet()
