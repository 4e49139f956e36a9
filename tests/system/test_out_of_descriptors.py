"""Out of descriptors: the relay says so once, spins on nothing, and recovers."""

import os
import threading

import pytest

from tests.support.peers import needs
from tests.support.traffic_process import cpu_seconds, descriptors
from tests.support.waiting import eventually
from tests.system.test_limits_of_sources import told_once_a_second

_HARD = 128
_HELD = 96


@pytest.fixture
def held():
    """Return descriptors that a process inherits for no purpose but to have fewer left."""
    numbers = []
    for _ in range(_HELD):
        number = os.open(os.devnull, os.O_RDONLY)
        numbers.append(number)
    yield numbers
    for number in numbers:
        os.close(number)


def _prefix() -> tuple[str, ...]:
    return (needs("prlimit"), f"--nofile={_HARD}:{_HARD}")


@pytest.mark.needs("prlimit")
def test_accept_backs_off_and_recovers(catflap, connect, echo, held):
    """When accept(2) gives EMFILE one event says so; once there is room all are served."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TCP:127.0.0.1:{echo.port}",
        prefix=_prefix(),
        descriptors=held,
    )
    baseline = descriptors(service.pid)
    room = (_HARD - baseline) // 2
    assert 1 <= room < 32, baseline
    ends = [connect(service.port) for _ in range(room + 8)]
    service.wait_for("pressure", state="backing off")
    before = cpu_seconds(service.pid)
    threading.Event().wait(1.5)  # the time in which it could spin
    assert cpu_seconds(service.pid) - before < 0.3
    assert len(service.find("pressure", state="backing off")) <= 2
    for end in ends[:room]:
        end.close()
    service.wait_for("pressure", state="recovered")
    fresh = connect(service.port)
    assert fresh.ask(b"served again") == b"served again"
    fresh.close()
    for end in ends:
        end.close()
    eventually(lambda: descriptors(service.pid) <= baseline, what="the baseline")
    assert service.process.poll() is None
    assert not [line for line in service.messages if "Traceback" in line], service.story()


@pytest.mark.needs("prlimit")
def test_no_descriptor_for_the_far_side(catflap, connect, echo, held):
    """A session that was accepted with the last descriptor ends with an event, not a traceback."""
    spare = os.open(os.devnull, os.O_RDONLY)
    reasons: list[str] = []
    try:
        for extra in ([], [spare]):  # one of both leaves an odd number free
            service = catflap(
                "TCP-LISTEN:0,bind=127.0.0.1",
                f"TCP:127.0.0.1:{echo.port}",
                prefix=_prefix(),
                descriptors=[*held, *extra],
            )
            room = _HARD - descriptors(service.pid)
            ends = [connect(service.port) for _ in range(room // 2 + 2)]
            service.wait_for("pressure", state="backing off")
            for end in ends:
                end.close()
            eventually(lambda: descriptors(service.pid) <= _HARD - room, what="the baseline")  # noqa: B023
            assert not service.messages, service.story()
            reasons += [each["reason"] for each in service.find("connect-failed")]
        assert any("Too many open files" in each for each in reasons), reasons
    finally:
        os.close(spare)


@pytest.mark.needs("prlimit")
def test_limit_of_sessions_is_told(catflap, connect, echo):
    """With room for one session the second is refused at once, and an event says by what."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TCP:127.0.0.1:{echo.port}",
        prefix=(needs("prlimit"), "--nofile=64:64"),
    )
    first = connect(service.port)
    assert first.ask(b"hello") == b"hello"
    for _ in range(5):
        with pytest.raises(ConnectionError):
            assert connect(service.port).ask(b"hello")
    assert service.wait_for("denied")["rule"] == "too-many-sessions"
    # The first is told at once, those that follow once a second and together.
    assert told_once_a_second(service.find("denied"))
    first.close()
    service.wait_for("closed")
    assert connect(service.port).ask(b"hello") == b"hello"
