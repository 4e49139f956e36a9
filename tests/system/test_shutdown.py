"""How it ends: SIGTERM drains, a second one does not wait, --once serves one."""

import os
import signal
import threading

import pytest

from tests.support.ports import refusing_port
from tests.support.traffic import digest_of, read_all, stream, write_all
from tests.support.traffic_servers import tcp_client
from tests.support.waiting import eventually

_SIZE = 8 * 1024**2 + 1


def _refuses(port) -> bool:
    try:
        tcp_client(port).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_drains(catflap, connect, taker, number):
    """A live session finishes its transfer after the signal; then the relay ends with 0."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}")
    near = connect(service.port)
    near.send(b"begun")
    far = taker.take()
    assert far.receive() == b"begun"
    os.kill(service.pid, number)
    assert service.wait_for("draining")["sessions"] == 1
    eventually(lambda: _refuses(service.port), what="the port free again")
    writing = threading.Thread(target=write_all, args=(near, _SIZE, 1), daemon=True)
    writing.start()
    assert read_all(far) == digest_of(_SIZE, 1)
    far.send(b"answer")
    far.end()
    assert near.receive() == b"answer"
    assert near.receive() == b""
    assert service.wait() == 0
    assert service.wait_for("stopped")["reason"] == signal.Signals(number).name


def test_second_signal_ends_at_once(catflap, connect, taker):
    """A second SIGTERM ends a live session; the exit status is 128 + 15."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}")
    near = connect(service.port)
    near.send(b"begun")
    far = taker.take()
    assert far.receive() == b"begun"
    os.kill(service.pid, signal.SIGTERM)
    service.wait_for("draining")
    assert service.stop(signal.SIGTERM) == 143
    assert service.wait_for("closed")["closed_by"] == "shutdown"
    for end in (near, far):
        with pytest.raises(ConnectionResetError):
            end.receive()


def test_drain_has_a_limit(catflap, connect, taker):
    """--drain-timeout ends what does not end by itself; the status says that it was cut off."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}", "--drain-timeout=300ms"
    )
    near = connect(service.port)
    near.send(b"begun")
    taker.take()
    service.wait_for("opened")
    assert service.stop(signal.SIGTERM) == 143


def test_signal_while_idle(catflap, echo):
    """Without sessions SIGTERM ends it at once, with 0."""
    service = catflap("TCP-LISTEN:0", f"TCP:127.0.0.1:{echo.port}")
    assert service.stop(signal.SIGTERM, timeout=20) == 0


def test_signal_during_handshake(catflap, connect, certificates, echo):
    """A silent TLS client does not hold the end up beyond a second signal."""
    service = catflap(
        f"TLS-LISTEN:0,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
        "--drain-timeout=200ms",
    )
    silent = connect(service.port)
    silent.send(b"\x16")
    near = connect(service.port)
    near.send(b"no TLS at all")
    service.wait_for("handshake-failed")  # so the earlier one has been accepted as well
    service.stop(signal.SIGTERM, timeout=20)
    assert silent.receive() == b""


def test_once_serves_one(catflap, connect, taker):
    """--once: the second client is refused, and the relay ends with its one session."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}", "--once")
    port = service.port
    near = connect(port)
    near.send(b"first")
    far = taker.take()
    assert far.receive() == b"first"
    eventually(lambda: _refuses(port), what="the listener closed")
    near.end()
    far.end()
    assert service.wait() == 0
    assert service.wait_for("stopped")["served"] == 1


def test_listener_before_stdio_serves_one(catflap, connect, tmp_path):
    """A listener whose other side is STDIO says that it serves one session, and does."""
    with (tmp_path / "out").open("wb") as out:
        service = catflap("TCP-LISTEN:0,bind=127.0.0.1", "STDOUT", "-u", stdout=out)
        assert "one session" in service.wait_for("notice")["message"]
        near = connect(service.port)
        for block in stream(_SIZE, 4):
            near.send(block)
        near.end()
        assert service.wait() == 0
    assert (tmp_path / "out").stat().st_size == _SIZE


def test_far_side_not_there(catflap, connect):
    """A far side that refuses is told by an event; the client is not left hanging."""
    with refusing_port() as port:
        service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{port}")
        with pytest.raises(ConnectionResetError):
            connect(service.port).receive()
    failed = service.wait_for("connect-failed")
    assert "Connection refused" in failed["reason"]
    assert service.process.poll() is None
