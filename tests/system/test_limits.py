"""Limits of time: each ends what it is to end, and the event names it and its option."""

import socket

import pytest
from OpenSSL import SSL

from tests.support.ports import refusing_port
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import eventually


@pytest.fixture
def full():
    """Return the port of a listener whose queue is full, so that connecting takes for ever."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
            fillers.append(filler)
        yield listening.getsockname()[1]
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("way", ["flag", "option"])
def test_idle_timeout(catflap, connect, taker, way):
    """A session without a byte either way ends, and the event names idle-timeout."""
    option = ",idle-timeout=0.4" if way == "option" else ""
    flags = ("--idle-timeout=400ms",) if way == "flag" else ()
    service = catflap(f"TCP-LISTEN:0,bind=127.0.0.1{option}", f"TCP:127.0.0.1:{taker.port}", *flags)
    near = connect(service.port)
    far = taker.take()
    closed = service.wait_for("closed")
    assert closed["closed_by"] == "limit"
    assert closed["limit"] == "idle-timeout=0.4"
    for end in (near, far):
        with pytest.raises(ConnectionResetError):
            end.receive()


@pytest.mark.parametrize("way", ["flag", "option"])
def test_half_close_timeout(catflap, connect, taker, way):
    """After one side's end the other has so long without a byte; the event names the limit."""
    option = ",half-close-timeout=0.4" if way == "option" else ""
    flags = ("--half-close-timeout=400ms",) if way == "flag" else ()
    service = catflap(f"TCP-LISTEN:0,bind=127.0.0.1{option}", f"TCP:127.0.0.1:{taker.port}", *flags)
    near = connect(service.port)
    near.send(b"question")
    near.end()
    far = taker.take()
    assert far.receive() == b"question"
    closed = service.wait_for("closed")
    assert closed["closed_by"] == "limit"
    assert closed["limit"] == "half-close-timeout=0.4"
    with pytest.raises(ConnectionResetError):
        near.receive()


def test_handshake_timeout(catflap, connect, certificates, echo):
    """A silent TLS client is dropped at handshake-timeout=, which the event names."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca},"
        "handshake-timeout=1",
        f"TCP:127.0.0.1:{echo.port}",
    )
    silent = connect(service.port)
    failed = service.wait_for("handshake-failed")
    assert failed["rule"] == "handshake-timeout"
    assert "handshake-timeout" in failed["reason"]
    assert silent.receive() == b""

    def is_served() -> bool:
        # On a machine that stands still a good client may be too slow as well.
        try:
            with TlsClient(service.port, certificates.client) as client:
                return client.ask(b"good") == b"good"
        except (SSL.Error, ConnectionError):
            return False

    eventually(is_served)


@pytest.mark.parametrize("way", ["option", "handshake", "connect"])
def test_silent_tls_server(catflap, connect, certificates, taker, way):
    """A server that never says a word of TLS is given up at the first limit that holds."""
    said = {"handshake": ["--handshake-timeout", "0.3"], "connect": ["--connect-timeout", "0.3"]}
    option = ",handshake-timeout=0.3" if way == "option" else ""
    service = catflap(
        *said.get(way, []),
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{taker.port},cert={certificates.client},cafile={certificates.ca}{option}",
    )
    near = connect(service.port)
    taker.take()
    failed = service.wait_for("connect-failed")
    assert "0.3 s" in failed["reason"]
    assert "handshake-timeout" in failed["hint"]
    assert failed["rule"] == "handshake-timeout"
    with pytest.raises(ConnectionResetError):
        near.receive()


@pytest.mark.parametrize("way", ["flag", "option"])
def test_connect_timeout(catflap, connect, full, way):
    """A far side that does not answer is given up at connect-timeout."""
    option = ",connect-timeout=0.4" if way == "option" else ""
    flags = ("--connect-timeout=400ms",) if way == "flag" else ()
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{full}{option}", *flags)
    near = connect(service.port)
    failed = service.wait_for("connect-failed")
    assert "did not answer within 0.4 s" in failed["reason"]
    assert "connect-timeout" in failed["hint"]
    with pytest.raises(ConnectionResetError):
        near.receive()


def test_accept_timeout(catflap, echo):
    """A listener that nobody calls within accept-timeout= ends by itself."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1,accept-timeout=0.4", f"TCP:127.0.0.1:{echo.port}"
    )
    assert service.wait() == 1
    assert service.wait_for("stopped")["reason"] == "accept-timeout"


def test_accept_timeout_of_second_address(catflap, taker):
    """A listener as second address gives up as well, in one line."""
    service = catflap(
        f"TCP:127.0.0.1:{taker.port}", "TCP-LISTEN:0,bind=127.0.0.1,accept-timeout=0.3"
    )
    taker.take()
    assert service.wait() == 1
    assert "nobody connected" in service.story()


def test_retry_until_somebody_listens(catflap, connect, echo, tmp_path):
    """Retry with an interval: a server that starts later is reached after all."""
    from tests.support.traffic_servers import EchoServer

    path = tmp_path / "late"
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"UNIX:{path},retry=100000,interval=0.05")
    near = connect(service.port)
    near.send(b"hello")
    service.wait_for("notice", count=3)
    with EchoServer(path):
        assert near.receive() == b"hello"
        near.close()
        service.wait_for("closed")


def test_retry_ends(catflap, connect):
    """retry=2 tries three times in all, then says why it failed."""
    with refusing_port() as port:
        service = catflap(
            "TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{port},retry=2,interval=0.05"
        )
        connect(service.port)
        service.wait_for("connect-failed")
    tries = [event for event in service.find("notice") if "trying again" in event["message"]]
    assert len(tries) == 2


def test_forever(catflap):
    """Forever goes on where retry= would have ended; SIGTERM still ends it."""
    with refusing_port() as port:
        service = catflap("STDIN", f"TCP:127.0.0.1:{port},forever,interval=0.01", "-u", until="")
        service.wait_for("notice", count=20)
        assert service.stop() == 143
