"""Limits that say how much and how often: each is crossed, refuses at once, and says so."""

from __future__ import annotations

import contextlib
import socket
import time
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.support.traffic_tls import TlsClient
from tests.support.waiting import PATIENCE, eventually

_CLOSED = (ConnectionError, BrokenPipeError)


def _plain(catflap, echo, *limits):
    words = [f"--limit={limit}" for limit in limits]
    return catflap("TCP-LISTEN:0,bind=0.0.0.0,range=127.0.0.0/8", f"TCP:127.0.0.1:{echo.port}",
                   "--unsafe", "plaintext-exposed=test", *words)  # fmt: skip


def _mutual(catflap, certificates, echo, *limits, timeout=60):
    return catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
        f",handshake-timeout={timeout}",
        f"TCP:127.0.0.1:{echo.port}",
        *[f"--limit={limit}" for limit in limits],
    )


def _served(end) -> bool:
    try:
        return end.ask(b"hello") == b"hello"
    except _CLOSED:
        return False


def _good(service, certificate) -> bool:
    """Whether a client with a certificate is served."""
    try:
        with TlsClient(service.port, certificate) as client:
            return client.ask(b"good") == b"good"
    except Exception:  # noqa: BLE001 - however the library tells of a reset
        return False


def _is_refused(service, connect) -> bool:
    """Whether a newcomer is turned away; nobody would be without waiting for a place for ever."""
    try:
        return not _served(connect(service.port))
    except _CLOSED:
        return True


def told_once_a_second(events) -> bool:
    """Whether no two refusals by one rule were told within a second (the clock may be adjusted)."""
    times = [datetime.fromisoformat(event["time"]) for event in events]
    return all(after - before >= timedelta(seconds=0.9) for before, after in pairwise(times))


@pytest.mark.parametrize(
    ("limit", "rule"),
    [("sessions=2", "too-many-sessions"), ("per-source=2", "too-many-from-source")],
)
def test_the_one_too_many_is_refused_at_once_and_a_place_is_given_back(
    catflap, connect, echo, limit, rule
):
    service = _plain(catflap, echo, limit)
    first, second = connect(service.port), connect(service.port)
    assert _served(first)
    assert _served(second)
    assert _is_refused(service, connect)
    denied = service.wait_for("denied", rule=rule)
    assert denied["mend"]
    first.close()
    service.wait_for("closed")
    assert _served(connect(service.port))


def test_a_flood_from_one_source_leaves_others_served_and_is_told_in_few_events(
    catflap, connect, echo
):
    service = _plain(catflap, echo, "per-source=5")
    held = [connect(service.port) for _ in range(5)]
    assert all(map(_served, held))
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", service.port)):
            pass
    assert _served(connect(service.port, source="127.0.0.2"))

    def told() -> bool:
        events = service.find("denied", rule="too-many-from-source")
        return sum(event.get("count", 1) for event in events) == 200

    eventually(told, what="all 200 counted")
    assert told_once_a_second(service.find("denied"))
    assert any("refused)" in event["reason"] for event in service.find("denied"))


def test_new_connections_come_in_a_burst_and_then_at_a_rate(catflap, connect, echo):
    service = _plain(catflap, echo, "rate=0.5", "burst=3")
    begun, served = time.monotonic(), 0
    while not _is_refused(service, connect):
        served += 1
        # A token comes every two seconds, also while this machine stands still.
        assert 1 <= served <= 3 + (time.monotonic() - begun) * 0.5
    assert served >= 3
    assert service.wait_for("denied")["rule"] == "connects-too-fast"
    assert _served(connect(service.port, source="127.0.0.2"))

    def again() -> bool:
        try:
            return _served(connect(service.port))
        except ConnectionError:
            return False

    eventually(again, what="a token, two seconds later")


@pytest.mark.parametrize(
    ("limit", "rule"),
    [
        ("handshakes=2", "too-many-handshakes"),
        ("handshakes-per-source=2", "too-many-handshakes-from-source"),
    ],
)
def test_handshakes_in_flight_are_limited_and_sessions_are_none(
    catflap, connect, certificates, echo, limit, rule
):
    service = _mutual(catflap, certificates, echo, limit)

    def is_refused() -> bool:
        """Whether a third is; who has been silent for two seconds gives way to it."""
        silent = [connect(service.port) for _ in range(2)]
        _is_refused(service, connect)
        for end in silent:
            end.close()
        return bool(service.find("denied", rule=rule))

    with (
        TlsClient(service.port, certificates.client) as one,
        TlsClient(service.port, certificates.client) as two,
        TlsClient(service.port, certificates.client) as three,
    ):
        assert [each.ask(b"x") for each in (one, two, three)] == [b"x"] * 3
        eventually(is_refused)
        eventually(lambda: _good(service, certificates.client), what="a place given back")


def test_a_silent_peer_gives_way_when_there_are_too_many(catflap, connect, certificates, echo):
    """A flood of silent peers must not lock everybody out for as long as its limit allows."""
    service = _mutual(catflap, certificates, echo, "handshakes=3", timeout=600)
    silent = [connect(service.port) for _ in range(3)]

    eventually(lambda: _good(service, certificates.client), what="the oldest gave way")
    assert silent[0].receive() == b""
    assert "had taken long" in service.wait_for("denied", rule="handshake-gave-way")["reason"]


def test_one_identity_has_so_many_sessions_and_another_is_served(catflap, certificates, echo):
    service = _mutual(catflap, certificates, echo, "per-identity=1")
    other = certificates.store(
        "limits-other.pem", certificates.authority.issue("other", ["other.example"])
    )
    with TlsClient(service.port, certificates.client) as first:
        assert first.ask(b"x") == b"x"
        assert not _good(service, certificates.client)
        denied = service.wait_for("denied")
        assert denied["rule"] == "too-many-of-identity"
        assert "spiffe://test.example/client" in denied["reason"]
        with TlsClient(service.port, other) as another:
            assert another.ask(b"x") == b"x"
    service.wait_for("closed", count=2)

    eventually(lambda: _good(service, certificates.client), what="its place was given back")


def test_a_source_that_fails_is_kept_out_and_others_are_not(catflap, connect, certificates, echo):
    """A handshake of garbage costs 5 seconds, from 12 on one is kept out; here that was said."""
    service = _mutual(catflap, certificates, echo, "penalties=true")

    def told() -> int:
        return len(service.find("handshake-failed")) + len(service.find("denied"))

    # Seconds fade as they pass: where the machine stands still, a fourth may have to come.
    while not service.find("denied"):
        before = told()
        with contextlib.suppress(*_CLOSED):
            connect(service.port).send(b"GET / HTTP/1.1\r\n\r\n")
        eventually(lambda: told() > before)  # noqa: B023
    assert len(service.find("handshake-failed")) >= 3
    denied = service.wait_for("denied")
    assert denied["rule"] == "penalised"
    assert "127.0.0.1 misbehaved" in denied["reason"]
    with TlsClient(service.port, certificates.client, source="127.0.0.2") as client:
        assert client.ask(b"good") == b"good"


def test_by_default_this_host_pays_no_penalty(catflap, connect, certificates, echo):
    service = _mutual(catflap, certificates, echo)
    for number in range(1, 8):
        bad = connect(service.port)
        bad.send(b"GET / HTTP/1.1\r\n\r\n")
        service.wait_for("handshake-failed", count=number)
        bad.close()
    with TlsClient(service.port, certificates.client) as client:
        assert client.ask(b"good") == b"good"


def test_behind_a_proxy_the_real_source_pays(catflap, connect, echo):
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1,proxy-from=127.0.0.0/8",
        f"TCP:127.0.0.1:{echo.port}",
        "--limit=per-source=1",
    )

    def through(source: str):
        end = connect(service.port)
        end.send(f"PROXY TCP4 {source} 10.0.0.1 4000 443\r\n".encode())
        return end

    first = through("10.1.1.1")
    assert _served(first)
    assert not _served(through("10.1.1.1"))
    denied = service.wait_for("denied")
    assert denied["rule"] == "too-many-from-source"
    assert denied["peer"].startswith("10.1.1.1:")
    assert denied["via"].startswith("127.0.0.1:")
    assert _served(through("10.1.1.2"))


def test_a_session_lasts_as_long_as_its_lifetime(catflap, connect, echo):
    service = _plain(catflap, echo, "lifetime=0.6")
    end = connect(service.port)
    begun = time.monotonic()
    while _served(end):
        assert time.monotonic() - begun < PATIENCE
    closed = service.wait_for("closed")
    assert (closed["closed_by"], closed["limit"]) == ("limit", "lifetime=0.6")
    assert 0.5 < closed["duration"] < 30


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("sesions=3", "did you mean sessions?"),
        ("sessions", "needs a value"),
        ("sessions=many", "a whole number"),
        ("sessions=-1", "between"),
        ("bandwidth=quick", "bytes a second"),
        ("penalties=yes", "true or false"),
    ],
)
def test_a_wrong_limit_is_told(catflap, words, says):
    service = catflap("TCP-LISTEN:0", "TCP:127.0.0.1:9", f"--limit={words}", until="")
    assert service.wait() == 2
    eventually(lambda: says in " ".join(service.messages), what=says)
