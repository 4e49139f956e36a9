"""A reset on one side is a reset on the other, and leaves nothing behind."""

import contextlib
import threading

import pytest

from tests.support.traffic import stream
from tests.support.traffic_process import descriptors, resident_kib
from tests.support.traffic_servers import abort
from tests.support.waiting import eventually


def _is_reset(end) -> bool:
    """Whether a connection ends by a reset; what was said before it is read and dropped."""
    try:
        while end.receive():
            pass
    except ConnectionResetError:
        return True
    return False


@pytest.mark.parametrize("goes", ["near", "far"])
def test_reset_is_passed_on(catflap, connect, taker, goes):
    """A peer that resets in the middle of a stream is told to the other side as a reset."""
    service = catflap("TCP-LISTEN:0", f"TCP:127.0.0.1:{taker.port}")
    near = connect(service.port)
    far = taker.take()
    near.send(b"one")
    assert far.receive() == b"one"
    gone, stays = (near, far) if goes == "near" else (far, near)
    abort(gone.socket)
    assert _is_reset(stays)
    closed = service.wait_for("closed")
    assert closed["closed_by"] == goes
    assert "reset" in closed["reason"].lower()


def test_reset_through_tls(pair, connect, taker):
    """A reset before a client relay reaches the server behind the server relay as one."""
    client, server = pair("TCP-LISTEN:0", f"TCP:127.0.0.1:{taker.port}")
    near = connect(client.port)
    near.send(b"one")
    far = taker.take()
    assert far.receive() == b"one"
    abort(near.socket)
    assert _is_reset(far)
    client.wait_for("closed", closed_by="near")
    server.wait_for("closed", closed_by="near")


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_nothing_leaks(catflap, pair, connect, taker, kind):
    """Forty sessions that are reset in mid-stream leave no descriptor and no session."""
    to = f"TCP:127.0.0.1:{taker.port}"
    start = pair if kind == "tls" else lambda *words: (catflap(*words),)
    services = start("TCP-LISTEN:0", to)
    port = services[0].port

    def fill(end) -> None:
        with contextlib.suppress(ConnectionError):
            for block in stream(1 << 24, 3):
                end.send(block)

    def one(number: int) -> None:
        near = connect(port)
        near.send(b"hello")
        far = taker.take()
        assert far.receive() == b"hello"
        gone, stays = (near, far) if number % 2 else (far, near)
        filling = threading.Thread(target=fill, args=(stays,), daemon=True)
        filling.start()
        assert gone.receive()
        abort(gone.socket)
        filling.join(60)
        assert not filling.is_alive()
        stays.close()

    one(0)
    baselines = []
    for service in services:
        service.wait_for("closed")
        baselines.append(descriptors(service.pid))
    for number in range(40):
        one(number)
    for service, baseline in zip(services, baselines, strict=True):
        service.wait_for("closed", count=41)
        # Up to 16 pipes, two descriptors each, stay in the pool for the next bulk transfer.
        eventually(lambda: descriptors(service.pid) <= baseline + 32, what="baseline")  # noqa: B023


def test_no_memory_is_left_by_resets(pair, connect, echo):
    """Six hundred TLS sessions that are reset are freed at once, not when a collector comes by."""
    services = pair("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")

    def reset(count: int) -> None:
        for _ in range(count):
            end = connect(services[0].port)
            assert end.ask(b"hello") == b"hello"
            abort(end.socket)

    reset(100)
    before = [resident_kib(service.pid) for service in services]
    reset(600)
    for service, was in zip(services, before, strict=True):
        service.wait_for("closed", count=700)
        assert resident_kib(service.pid) - was < 6 * 1024
