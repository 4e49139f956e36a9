"""A session's bandwidth: so many bytes a second each way, whatever carries them."""

from __future__ import annotations

import threading
import time

import pytest

from tests.support.traffic import digest_of, read_all, write_all
from tests.support.traffic_tls import TlsClient


@pytest.mark.parametrize(
    ("limit", "size", "least"),
    [
        ("400kB", 400_000, 0.7),
        ("40MiB/s", 40 * 2**20, 0.7),
    ],
)
def test_each_way_takes_its_time_and_no_byte_is_lost(catflap, connect, taker, limit, size, least):
    """Copying (400 kB/s) and splicing (40 MiB/s), both ways at once, each with its own limit."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}", f"--limit=bandwidth={limit}"
    )
    near, begun = connect(service.port), time.monotonic()
    far = taker.take()
    digests: dict[str, str] = {}

    def talk(name, end, seed):
        write_all(end, size, seed)
        end.end()

    def listen(name, end):
        digests[name] = read_all(end)

    threads = [
        threading.Thread(target=talk, args=("near", near, 1)),
        threading.Thread(target=talk, args=("far", far, 2)),
        threading.Thread(target=listen, args=("near", near)),
        threading.Thread(target=listen, args=("far", far)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    took = time.monotonic() - begun
    assert digests == {"near": digest_of(size, 2), "far": digest_of(size, 1)}
    assert took >= least
    closed = service.wait_for("closed")
    assert closed["sent"] == closed["received"] == size


def test_a_limited_tls_session_is_slow_and_another_is_not_slowed_by_it(
    catflap, connect, certificates, echo
):
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
        "--limit=bandwidth=32kB",
    )

    def is_overtaken() -> bool:
        """Whether another client is served while one is busy for four seconds."""
        with TlsClient(service.port, certificates.client) as busy:
            begun = time.monotonic()
            talking = threading.Thread(target=busy.ask, args=(bytes(128_000),))
            talking.start()
            with TlsClient(service.port, certificates.client) as other:
                assert other.ask(b"quick") == b"quick"
            first = talking.is_alive()
            talking.join(60)
            assert time.monotonic() - begun > 3
        return first

    # A machine that stood still for these four seconds says nothing.
    assert any(is_overtaken() for _ in range(3))


def test_waiting_for_tokens_costs_no_time_of_the_processor(catflap, connect, taker):
    """A direction that waits sets a timer: a second of it is a few milliseconds of work."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}", "--limit=bandwidth=1000"
    )
    near = connect(service.port)
    far = taker.take()
    near.send(bytes(3000))
    before = _ticks(service.pid)
    got = 0
    while got < 3000:
        got += len(far.receive())
    assert _ticks(service.pid) - before <= 25


def _ticks(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
