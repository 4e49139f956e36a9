"""Memory of an idle session: (PSS at N - PSS at 0) / N, over the relay's processes."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.helpers import Helper
from bench.lab import BackendKind
from bench.measure.model import PLAIN, Case, Measure, Scenario
from bench.peers import Door, start_peer
from bench.processes import Crew

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measure.model import Visit
    from bench.peers import Relay

__all__ = ("MEMORY", "process_tree", "pss_kib")

_OPEN_SECONDS = 240.0
_SETTLE_SECONDS = 5.0
_SETTLE_STEP = 0.1
_MOST_RUNS = 3  # it hardly varies, and 5,000 handshakes take long
_STEPS = (1000, 5000)


def process_tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for one in found:
        try:
            text = " ".join(
                path.read_text() for path in Path(f"/proc/{one}/task").glob("*/children")
            )
        except OSError:
            continue  # it ended meanwhile
        found += [int(word) for word in text.split()]
    return found


def pss_kib(pid: int) -> int:
    """Return the proportional set size of a process tree in KiB."""
    total = 0
    for one in process_tree(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        except PermissionError as error:
            raise BenchError(f"memory of process {one} may not be read: run as root") from error
        total += sum(int(row.split()[1]) for row in text.splitlines() if row.startswith("Pss:"))
    return total


def _settled_kib(relay: Relay) -> int:
    """Return the PSS once two readings agree to a hundredth, or when patience ends."""
    pids = [process.pid for process in relay.processes]
    deadline = time.monotonic() + _SETTLE_SECONDS
    latest = sum(pss_kib(pid) for pid in pids)
    while time.monotonic() < deadline:
        time.sleep(_SETTLE_STEP)
        before, latest = latest, sum(pss_kib(pid) for pid in pids)
        if abs(latest - before) * 100 <= before:
            break
    return latest


def _measure(word: str, door: Door, visit: Visit) -> Mapping[str, float]:
    """Start the peer afresh and read its memory with none, 1,000 and 5,000 sessions."""
    lab = visit.lab
    if visit.backend is None:
        raise BenchError("there is nobody to hold the sessions")
    sample: dict[str, float] = {}
    with Crew() as crew:
        relay = start_peer(lab, crew, visit.peer, frozenset({door}), visit.backend.port)
        files = [str(lab.certificates.ca), str(lab.certificates.client)]
        arguments = [str(relay.ports[door]), *(files if door is not Door.PLAIN else [])]
        client = Helper(crew, "idle", arguments, lab.folder)
        # It must be up before the first reading: its Python shares pages with ours, which lowers
        # our PSS, and would be taken for memory that the sessions gave back.
        client.ask("0")
        client.answer(_OPEN_SECONDS)
        empty = _settled_kib(relay)
        for count in visit.idle_steps:
            if count > visit.peer.most_idle:
                continue
            client.ask(str(count))
            client.answer(_OPEN_SECONDS)
            sample[f"memory-{word}-{count}"] = (_settled_kib(relay) - empty) / count
    return sample


def _case(word: str, title: str, door: Door, needs: frozenset[Door]) -> Case:
    measures = tuple(
        Measure(
            f"memory-{word}-{count}",
            f"memory a session, {title}, {count:,} idle",
            "KiB",
            higher_is_better=False,
            decimals=1,
        )
        for count in _STEPS
    )
    sample = partial(_measure, word, door)
    return Case(f"memory-{word}", measures, needs, sample, lambda runs: min(runs, _MOST_RUNS))


MEMORY = Scenario(
    "memory",
    BackendKind.HOLD,
    (
        _case("plain", "plain", Door.PLAIN, PLAIN),
        _case("tls", "TLS", Door.PAIR_SERVER, frozenset({Door.PAIR_SERVER})),
    ),
    keeps_relays=False,
)
