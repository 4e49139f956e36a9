"""Counters that processes share: each its column, exact under a lock, true after a death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from catflap.core.errors import OperationError
from catflap.relay.counters import Counters, CountersFullError
from tests.support.waiting import PATIENCE

_TAKES_PLACES = """
import sys
from catflap.relay.counters import Counters
counters = Counters(int(sys.argv[1]), int(sys.argv[2]))
live = counters.row("live", live=True)
taken = 0
print("ready", flush=True)
sys.stdin.readline()
for _ in range(2000):
    with counters.locked(1):
        if counters.sum(live) < 1000:
            counters.add(live)
            taken += 1
print(taken, flush=True)
sys.stdin.readline()
"""

_HOLDS_A_LOCK = """
import sys
from catflap.relay.counters import Counters
Counters(int(sys.argv[1]), 1).lock(5)
print(1, flush=True)
sys.stdin.read()
"""


def _worker(counters: Counters, column: int) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", _TAKES_PLACES, str(counters.descriptor), str(column)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[counters.descriptor],
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def _say(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("\n")
    worker.stdin.flush()


def test_two_processes_take_exactly_what_there_is_and_the_dead_give_it_back() -> None:
    with closing(Counters.create(2)) as counters:
        live = counters.row("live", live=True)
        workers = [_worker(counters, column) for column in (1, 2)]
        for worker in workers:
            _say(worker)
        taken = [int(worker.stdout.readline()) for worker in workers if worker.stdout]
        assert sum(taken) == 1000 == counters.sum(live)
        os.kill(workers[0].pid, signal.SIGKILL)
        workers[0].wait(PATIENCE)
        counters.clear(1)
        assert counters.sum(live) == taken[1]
        workers[1].communicate("\n", PATIENCE)
        for worker in workers:
            if worker.stdin is not None and worker.stdout is not None:
                worker.stdin.close()
                worker.stdout.close()


def test_totals_outlive_who_counted_them() -> None:
    with closing(Counters.create(1, cells=4)) as counters:
        worker = counters.at(1)
        served, live = worker.row("served"), worker.row("live", live=True)
        worker.add(served, 7)
        worker.add(live, 2)
        worker.add_cell(3)
        assert (counters.sum(served), counters.sum(live), counters.sum_cell(3)) == (7, 2, 1)
        counters.clear(1)
        assert (counters.sum(served), counters.sum(live), counters.sum_cell(3)) == (7, 0, 0)
        assert counters.own(served) == 7


def test_a_dead_process_holds_no_lock() -> None:
    with closing(Counters.create(1)) as counters:
        holder = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _HOLDS_A_LOCK,
                str(counters.descriptor),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[counters.descriptor],
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        holder.kill()
        holder.wait(PATIENCE)
        with counters.locked(5):
            counters.add(counters.row("held"))
        assert counters.sum(counters.row("held")) == 1
        holder.stdout.close()
        assert holder.stdin is not None
        holder.stdin.close()


def test_a_name_is_the_same_row_for_everybody_and_names_can_run_out() -> None:
    with closing(Counters.create(1, rows=2)) as counters:
        first, second = counters.row("sessions:api", live=True), counters.row("denied:api")
        worker = counters.at(1)
        assert worker.row("denied:api") == second != first
        assert counters.names() == {"sessions:api": first, "denied:api": second}
        with pytest.raises(CountersFullError, match="all 2 have names"):
            counters.row("one more")
        with pytest.raises(CountersFullError, match="too long"):
            counters.row("x" * 200)


def test_what_is_no_map_is_refused() -> None:
    descriptor = os.memfd_create("other")
    os.ftruncate(descriptor, 4096)
    with pytest.raises(OperationError, match="no shared counters"):
        Counters(descriptor, 0)
    os.close(descriptor)
    with closing(Counters.create(1)) as counters, pytest.raises(OperationError, match="column"):
        counters.at(2)
