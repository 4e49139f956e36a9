"""Start-up: until the version is printed, and until the first byte of stdin is at the peer.

Scripts call the drop-in in loops, so what one call costs counts there: ``-V``, and a program whose
input is empty.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.measure.model import Case, Measure, Scenario
from bench.peers import OURS
from bench.peers.start import fill
from bench.processes import LOOPBACK, Crew, tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measure.model import Visit

__all__ = ("STARTUP",)

_LIMIT_SECONDS = 20.0
_RUNS = 20
_QUICK_RUNS = 5
_FEW = 3  # so few runs asked for mean a quick look
_BYTE = b"!"


def _seconds_to_end(words: list[str]) -> float:
    begin = time.perf_counter()
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{words[0]} did not end in {_LIMIT_SECONDS:.0f} s") from error
    spent = time.perf_counter() - begin
    if done.returncode:
        raise BenchError(f"{words[0]} ended with {done.returncode}: {done.stderr[-300:]!r}")
    return spent


def _seconds_to_first_byte(visit: Visit, listener: socket.socket) -> float:
    """Start the relay with a byte on its stdin; the clock stops when the peer has it."""
    values = visit.lab.placeholders(visit.peer) | {"BACKEND": str(listener.getsockname()[1])}
    words = ["@PROGRAM@", *visit.peer.stdio]
    log = visit.lab.folder / f"stdio-{visit.peer.name}.log"
    with Crew() as crew:
        begin = time.perf_counter()
        process = crew.start([fill(word, values) for word in words], log, piped=True)
        if process.stdin is None:
            raise BenchError("no stdin")
        process.stdin.write(_BYTE)
        try:
            accepted, _ = listener.accept()
            with accepted:
                accepted.settimeout(_LIMIT_SECONDS)
                got = accepted.recv(1)
                spent = time.perf_counter() - begin
        except TimeoutError as error:
            raise BenchError(f"no byte came: {tail(log)}") from error
    if got != _BYTE:
        raise BenchError(f"another byte came: {got!r}: {tail(log)}")
    return spent


def _measure(visit: Visit) -> Mapping[str, float]:
    """Take all in one visit, so that each multiple compares neighbours in time."""
    program = visit.lab.program(visit.peer) or ""
    version = _seconds_to_end([program, *visit.peer.version])
    with socket.create_server((LOOPBACK, 0)) as listener:
        listener.settimeout(_LIMIT_SECONDS)
        first_byte = _seconds_to_first_byte(visit, listener)
    sample = {"start-version": version * 1000, "start-first-byte": first_byte * 1000}
    socat = f"{program}-socat" if visit.peer is OURS else program
    if visit.peer.name in {OURS.name, "socat"}:
        sample["start-dropin-version"] = _seconds_to_end([socat, "-V"]) * 1000
        sample["start-dropin-exec"] = _seconds_to_end([socat, "-", "EXEC:cat"]) * 1000
    if visit.peer is OURS:
        python = _seconds_to_end([sys.executable, "-c", "pass"])
        sample["start-python"] = python * 1000
        sample["start-version-multiple"] = version / python
        sample["start-first-byte-multiple"] = first_byte / python
    return sample


def _lower(name: str, title: str, unit: str = "ms") -> Measure:
    decimals = 1 if unit == "x" else 0
    return Measure(name, title, unit, higher_is_better=False, decimals=decimals)


_MEASURES = (
    _lower("start-python", "python -c pass"),
    _lower("start-version", "--version"),
    _lower("start-version-multiple", "--version / python -c pass", "x"),
    _lower("start-first-byte", "run, until the first byte is at the peer"),
    _lower("start-first-byte-multiple", "first byte / python -c pass", "x"),
    _lower("start-dropin-version", "catflap-socat -V"),
    _lower("start-dropin-exec", "catflap-socat - EXEC:cat"),
)


def _runs(asked: int) -> int:
    return _RUNS if asked > _FEW else _QUICK_RUNS


STARTUP = Scenario(
    "startup",
    None,
    (Case("startup", _MEASURES, frozenset(), _measure, _runs),),
    keeps_relays=False,
)
