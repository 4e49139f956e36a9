"""Run wrk and read what it tells: one thread, sixteen connections."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

from bench.errors import BenchError

__all__ = ("Requests", "run_wrk")

_RATE = re.compile(r"^Requests/sec:\s*([0-9.]+)", re.MULTILINE)
_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_WRONG = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_GRACE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests a second, and what went wrong: socket errors and wrong answers."""

    rate: float
    errors: int


def run_wrk(url: str, seconds: int, *, new_connections: bool) -> Requests:
    """Ask for the page over and over; with new connections, one request on each."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise BenchError("wrk is not installed")
    words = [wrk, "-t1", "-c16", f"-d{seconds}s"]
    if new_connections:
        words += ["-H", "Connection: close"]
    try:
        done = subprocess.run(
            [*words, url],
            capture_output=True,
            text=True,
            timeout=seconds + _GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"wrk did not end in {error.timeout:.0f} s") from error
    return _read(done.stdout, done.stderr)


def _read(text: str, complaint: str) -> Requests:
    rate = _RATE.search(text)
    if rate is None:
        raise BenchError(f"wrk said: {' '.join((text + complaint).split())}")
    broken, wrong = _ERRORS.search(text), _WRONG.search(text)
    errors = sum(int(count) for count in broken.groups()) if broken else 0
    return Requests(float(rate[1]), errors + (int(wrong[1]) if wrong else 0))
