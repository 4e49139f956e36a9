"""A slow reader slows its own writer and nobody else, and costs bounded memory."""

import select
import threading

import pytest

from tests.support.traffic import digest_of, read_all, stream, swap
from tests.support.traffic_process import cpu_seconds, resident_kib
from tests.support.waiting import PATIENCE, eventually

_MUCH = 512 * 1024**2
_OTHER = 16 * 1024**2
_MOST_GROWTH_KIB = 8 * 1024


@pytest.fixture(params=["plain", "tls"])
def services(request, catflap, pair, taker):
    """Return the relays between a client and the taker, the client's first."""
    to = f"TCP:127.0.0.1:{taker.port}"
    if request.param == "plain":
        return (catflap("TCP-LISTEN:0,bind=127.0.0.1", to),)
    return pair("TCP-LISTEN:0,bind=127.0.0.1", to)


def _fill(end) -> int:
    """Write until nothing more goes for a while; return how much went."""
    end.socket.setblocking(False)
    sent = 0
    block = bytes(1 << 20)
    while sent < _MUCH:
        _, ready, _ = select.select([], [end.socket], [], 0.5)
        if not ready:
            return sent
        sent += end.socket.send(block)
    return sent


def _rests(pid) -> bool:
    """Whether a relay does next to nothing for half a second, in which it could spin."""
    busy = cpu_seconds(pid)
    threading.Event().wait(0.5)
    return cpu_seconds(pid) - busy < 0.1


def test_slow_reader(services, connect, taker):
    """While one reader takes nothing, another session goes on, memory stays, nothing spins."""
    near = connect(services[0].port)
    near.send(b"!")
    far = taker.take()
    assert far.socket.recv(1) == b"!"
    before = [resident_kib(service.pid) for service in services]
    stuck = _fill(near)
    assert stuck < _MUCH, "the relay took all that it could not pass on"
    for service in services:
        eventually(lambda: _rests(service.pid), what="a relay at rest")  # noqa: B023
    other = connect(services[0].port)
    other.send(b"!")
    other_far = taker.take()
    assert other_far.socket.recv(1) == b"!"
    swap(other, other_far, _OTHER)
    for service, was in zip(services, before, strict=True):
        assert resident_kib(service.pid) - was < _MOST_GROWTH_KIB
    far.send(b"the other way is open")
    near.socket.settimeout(PATIENCE)
    assert near.receive() == b"the other way is open"
    near.end()
    taken = 0
    while data := far.receive():
        taken += len(data)
    assert taken == stuck


def test_both_directions_stuck_then_freed(services, connect, taker):
    """Two writers that both fill the relay before anybody reads: nothing locks, all arrives."""
    near = connect(services[0].port)
    near.send(b"!")
    far = taker.take()
    assert far.socket.recv(1) == b"!"
    size = 32 * 1024**2
    done = threading.Event()

    def write(end, seed) -> None:
        for block in stream(size, seed):
            end.send(block)
        end.end()

    writers = [
        threading.Thread(target=write, args=(near, 1), daemon=True),
        threading.Thread(target=write, args=(far, 2), daemon=True),
    ]
    for writer in writers:
        writer.start()
    busy = cpu_seconds(services[0].pid)

    def stands_still() -> bool:
        nonlocal busy
        now = cpu_seconds(services[0].pid)
        done.wait(0.1)
        still = now == busy
        busy = now
        return still

    eventually(stands_still, what="both ways full")
    found = []
    reader = threading.Thread(target=lambda: found.append(read_all(near)), daemon=True)
    reader.start()
    assert read_all(far) == digest_of(size, 1)
    reader.join(60)
    assert found == [digest_of(size, 2)]
    for writer in writers:
        writer.join(60)


@pytest.mark.parametrize("far", ["EXEC:cat", "PIPE", "echo"])
def test_a_peer_that_is_gone_frees_what_it_had_filled(catflap, connect, echo, far):
    """It filled all there is, for it read no answer, and left: its session goes with it.

    Nobody takes the answers any more, so whoever answers would take no more questions either, and
    only a limit ended that.
    """
    second = f"TCP:127.0.0.1:{echo.port}" if far == "echo" else far
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", second)
    near = connect(service.port)
    _fill(near)
    eventually(lambda: _rests(service.pid), what="a relay at rest")
    near.close()
    assert service.wait_for("closed")["closed_by"] == "near"
