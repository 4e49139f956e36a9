"""Thousands of idle sessions in one process: each still answers, and each costs little."""

import pytest

from tests.support.traffic import FULL
from tests.support.traffic_process import proportional_kib, raise_own_limit
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(300)

_PLAIN = 5000
_TLS = 5000 if FULL else 1000
_PLAIN_KIB = 40
_TLS_KIB = 100


def _open_many(connect, echo, port, count):
    """Return so many connections, all of which have reached the echo server."""
    before = echo.accepted
    ends = []
    while len(ends) < count:
        for _ in range(min(250, count - len(ends))):
            ends.append(connect(port))  # noqa: PERF401 - each waits for the one before
        wanted = before + len(ends)
        eventually(lambda: echo.accepted >= wanted, what=f"session {len(ends)}")  # noqa: B023
    return ends


def _answer_all(ends) -> None:
    for number, end in enumerate(ends):
        end.send(b"%08d" % number)
    for number, end in enumerate(ends):
        assert end.receive() == b"%08d" % number


def _measure(services, connect, echo, count):
    """Return KiB a session for each service, measured while all are idle; all answer after."""
    raise_own_limit(3 * count + 500)
    warm = connect(services[0].port)
    assert warm.ask(b"warm") == b"warm"
    before = [proportional_kib(service.pid) for service in services]
    ends = _open_many(connect, echo, services[0].port, count)
    each = [
        (proportional_kib(service.pid) - start) / count
        for service, start in zip(services, before, strict=True)
    ]
    _answer_all(ends)
    return each


def test_plain(catflap, connect, echo, record_property):
    """Five thousand plain sessions take at most 40 KiB each, and all answer."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    (kib,) = _measure([service], connect, echo, _PLAIN)
    record_property("KiB a plain session", f"{kib:.1f}")
    assert kib <= _PLAIN_KIB


def test_tls(pair, connect, echo, record_property):
    """A thousand TLS sessions (5,000 in full) take at most 100 KiB at either end."""
    client, server = pair("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{echo.port}")
    of_client, of_server = _measure([client, server], connect, echo, _TLS)
    record_property("KiB a TLS session (client)", f"{of_client:.1f}")
    record_property("KiB a TLS session (server)", f"{of_server:.1f}")
    assert of_server <= _TLS_KIB
    assert of_client <= _TLS_KIB
