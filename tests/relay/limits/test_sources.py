"""Tables of sources: the same answers in one process and over several, bounded in both."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from catflap.guard.limits import SourceCaps
from catflap.relay.shared_sources import SharedSources, make_counters
from catflap.relay.sources import LocalSources
from catflap.relay.totals import SharedTotal
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.relay.sources import Sources

_CAPS = SourceCaps(sessions=2, handshakes=1, rate=10.0, burst=100, penalties=True)


@pytest.fixture(params=["one process", "shared"])
def sources(request: pytest.FixtureRequest) -> Iterator[Sources]:
    """Return a table of each kind."""
    if request.param == "one process":
        yield LocalSources()
        return
    with closing(make_counters(1, sources=64)) as counters:
        yield SharedSources(counters.at(1), "api")


def test_sessions_and_handshakes_are_counted_and_given_back(sources: Sources) -> None:
    first = sources.enter(b"aaaa", _CAPS, 1.0, shakes=True)
    assert first.rule == ""
    blocked = sources.enter(b"aaaa", _CAPS, 1.0, shakes=True)
    assert blocked.rule == "too-many-handshakes-from-source"
    sources.shaken(first.handle)
    second = sources.enter(b"aaaa", _CAPS, 1.0, shakes=False)
    assert second.rule == ""
    assert sources.enter(b"aaaa", _CAPS, 1.0, shakes=False).rule == "too-many-from-source"
    assert sources.enter(b"bbbb", _CAPS, 1.0, shakes=False).rule == "", "another one is served"
    sources.leave(second.handle)
    assert sources.enter(b"aaaa", _CAPS, 1.0, shakes=False).rule == ""


def test_offences_keep_a_source_out_and_fade(sources: Sources) -> None:
    entry = sources.enter(b"aaaa", _CAPS, 1.0, shakes=False)
    for _ in range(3):
        sources.offend(entry.handle, 1.0, 5.0)
    sources.leave(entry.handle)
    refused = sources.enter(b"aaaa", _CAPS, 2.0, shakes=False)
    assert (refused.rule, round(refused.seconds)) == ("penalised", 14)
    assert sources.enter(b"aaaa", _CAPS, 16.5, shakes=False).rule == ""


def test_a_local_table_sweeps_itself_and_forgets_no_debt_while_there_is_room() -> None:
    table = LocalSources(most=100)
    bad = table.enter(b"bad!", _CAPS, 0.0, shakes=False)
    for _ in range(3):
        table.offend(bad.handle, 0.0, 5.0)
    table.leave(bad.handle)
    for number in range(10_000):
        entry = table.enter(number.to_bytes(4), _CAPS, number / 1000, shakes=False)
        table.leave(entry.handle)
        assert len(table) <= 200
    assert table.enter(b"bad!", _CAPS, 10.0, shakes=False).rule == "penalised"


def test_a_flood_of_sources_at_one_instant_stays_within_bounds() -> None:
    table = LocalSources(most=100)
    live = table.enter(b"live", _CAPS, 0.0, shakes=False)
    for number in range(5_000):
        table.leave(table.enter(number.to_bytes(4), _CAPS, 0.0, shakes=False).handle)
    assert len(table) <= 101
    table.leave(live.handle)
    assert table.enter(b"live", _CAPS, 0.0, shakes=False).rule == ""


def test_a_shared_table_that_is_full_gives_places_that_nobody_lives_in() -> None:
    with closing(make_counters(1, sources=16)) as counters:
        table = SharedSources(counters, "api")
        held = [table.enter(bytes([n]), _CAPS, 0.0, shakes=False).handle for n in range(16)]
        assert table.enter(b"new", _CAPS, 0.0, shakes=False).rule == "too-many-sources"
        table.leave(held[3])
        assert table.enter(b"new", _CAPS, 0.0, shakes=False) == ("", held[3], 0.0)
        assert table.enter(b"another", _CAPS, 0.0, shakes=False).rule == "too-many-sources"


def test_bridges_of_one_service_count_on_their_own() -> None:
    caps = SourceCaps(sessions=1)
    with closing(make_counters(1)) as counters:
        api, web = SharedSources(counters, "api"), SharedSources(counters, "web")
        assert api.enter(b"aaaa", caps, 0.0, shakes=False).rule == ""
        assert web.enter(b"aaaa", caps, 0.0, shakes=False).rule == ""
        assert api.enter(b"aaaa", caps, 0.0, shakes=False).rule == "too-many-from-source"


_WORKER = """
import sys
from catflap.guard.limits import SourceCaps
from catflap.relay.counters import Counters
from catflap.relay.shared_sources import SharedSources
from catflap.relay.totals import SharedTotal
counters = Counters(int(sys.argv[1]), int(sys.argv[2]))
total, sources = SharedTotal(counters, "sessions:api"), SharedSources(counters, "api")
caps = SourceCaps(sessions=500)
print("ready", flush=True)
sys.stdin.readline()
taken = held = 0
for _ in range(3000):
    taken += total.take(700)
    entry = sources.enter(b"aaaa", caps, 0.0, shakes=False)
    held += not entry.rule
    if taken % 3 == 1:
        total.give()
        taken -= 1
print(taken, held, flush=True)
sys.stdin.readline()
"""


def test_two_workers_never_pass_a_limit_and_reach_it_exactly() -> None:
    with closing(make_counters(2)) as counters:
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", _WORKER, str(counters.descriptor), str(column)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=[counters.descriptor],
            )
            for column in (1, 2)
        ]
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        found = [worker.stdout.readline().split() for worker in workers if worker.stdout]
        total = SharedTotal(counters, "sessions:api")
        assert sum(int(held) for _, held in found) == 500
        taken = sum(int(taken) for taken, _ in found)
        assert taken <= 700
        while total.take(700):
            taken += 1
        assert taken == 700, "every place that was given back can be taken again, no other"
        for worker in workers:
            worker.communicate("\n", PATIENCE)
