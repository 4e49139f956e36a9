"""Packets a second through UDP-LISTEN,fork, beside the C program: ``python -m bench.datagrams``.

Load and echo are a small C program (``load/datagrams.c``, compiled for the run), so that they take
as little as can be of the processors that the relay needs too. Each peer keeps a window of packets
on their way and sends on when some have come back; a packet there and one back are two packets
through the relay. Every packet is numbered: those that got lost, came late or twice, or came cut or
to the wrong peer are counted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.processes import free_ports, raise_descriptor_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCE = Path(__file__).parent / "load" / "datagrams.c"
_READY_SECONDS = 10.0


def _compiled(folder: Path) -> Path:
    """Return the load, compiled.

    Raises:
        BenchError: there is no C compiler, or it refuses.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        message = "the load is a C program, and no cc is here (Debian: apt-get install gcc)"
        raise BenchError(message)
    program = folder / "datagrams"
    done = subprocess.run(
        [compiler, "-O2", "-o", program, _SOURCE], capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"cc refused {_SOURCE.name}: {done.stderr.strip()}"
        raise BenchError(message)
    return program


def _words(program: str, port: int, target: int) -> list[str]:
    """Return the command of catflap or of a socat between the port and the echo."""
    far = f"UDP4:127.0.0.1:{target}"
    if program.endswith("catflap"):
        words = [sys.executable, "-m", "catflap"] if program == "catflap" else [program]
        near = f"UDP4-LISTEN:{port},bind=127.0.0.1,fork"
        return [*words, "run", "--log", "none", near, far]
    near = f"UDP4-LISTEN:{port},bind=127.0.0.1,fork,so-rcvbuf=1048576"
    return [program, "-d0" if "1.8" in program else "-ly", near, far]


@contextmanager
def _running(words: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own, and end all of its processes afterwards.

    The scheduler shares the processors out among sessions (sched(7), autogroup), as among services:
    otherwise on a busy machine a relay of ten processes is given ten times as much as one of one.
    """
    process = subprocess.Popen(
        words, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, 15)
        process.wait(60)


def _spent(leader: int) -> tuple[float, float]:
    """Return the seconds of processor time of a process group so far, its dead included.

    First what the program took itself, then what the kernel took for it.
    """
    own = kernel = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            own += int(fields[11])
            kernel += int(fields[12])
            if int(entry.name) == leader:
                own += int(fields[13])
                kernel += int(fields[14])
    tick = os.sysconf("SC_CLK_TCK")
    return own / tick, kernel / tick


def _line(process: subprocess.Popen[bytes]) -> str:
    """Return the next line that a helper says.

    Raises:
        BenchError: it says nothing more.
    """
    stdout = process.stdout
    line = stdout.readline().decode().strip() if stdout is not None else ""
    if not line:
        message = f"{process.args!r} ended early"
        raise BenchError(message)
    return line


def _load(  # noqa: PLR0913 - what the helper has to know
    helper: Path, port: int, given: argparse.Namespace, peers: int, seconds: float, warm: float
) -> list[str]:
    window = max(1, min(given.window, given.flying // peers))
    numbers = (port, peers, window, given.size, warm, seconds, int(given.segments))
    return [str(helper), "load", *map(str, numbers)]


def _wait_for(helper: Path, port: int, given: argparse.Namespace) -> None:
    """Wait until a packet has come back.

    Raises:
        BenchError: none did.
    """
    for _ in range(int(_READY_SECONDS / 0.2)):
        with _running(_load(helper, port, given, 1, 0.1, 0.1)) as probe:
            _line(probe)
            if int(_line(probe).split()[0]):
                return
    message = "the relay did not answer"
    raise BenchError(message)


def measure(helper: Path, program: str, peers: int, given: argparse.Namespace) -> dict[str, float]:
    """Return packets a second through a relay, how many were lost, and processor time a packet.

    Raises:
        BenchError: it did not start.
    """
    port = free_ports(1)[0]
    with (
        _running([str(helper), "echo", str(int(given.segments))]) as echo,
        _running(_words(program, port, int(_line(echo)))) as relay,
    ):
        _wait_for(helper, port, given)
        warm = max(1.0, peers / 250)
        with _running(_load(helper, port, given, peers, given.seconds, warm)) as load:
            _line(load)
            before = (*_spent(relay.pid), *_spent(echo.pid))
            numbers = _line(load).split()
            after = (*_spent(relay.pid), *_spent(echo.pid))
    back, lost, twice, wrong = map(int, numbers[:4])
    own, kernel, echoed_own, echoed = (
        (late - early) * 1e6 / max(1, 2 * back) for early, late in zip(before, after, strict=True)
    )
    return {
        "packets": round(2 * back / float(numbers[4])),
        "lost": lost,
        "late": twice,
        "wrong": wrong,
        "relay_us": round(own + kernel, 2),
        "relay_own_us": round(own, 2),
        "echo_us": round(echoed_own + echoed, 2),
        "load_us": round(float(numbers[5]) * 1e6 / max(1, 2 * back), 2),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default="10,1000")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--programs", default="catflap,socat")
    parser.add_argument("--size", type=int, default=64, help="bytes of a packet, 8 to 65507")
    parser.add_argument("--window", type=int, default=64, help="packets of a peer on their way")
    parser.add_argument("--flying", type=int, default=2048, help="packets of all together")
    parser.add_argument(
        "--segments", action="store_true", help="load and echo use UDP_SEGMENT and UDP_GRO"
    )
    return parser.parse_args()


def main() -> None:
    """Measure each program by turns; print a line for each sample, then the medians."""
    given = _arguments()
    raise_descriptor_limit()
    found: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        helper = _compiled(Path(folder))
        for _ in range(given.runs):
            for peers in map(int, given.peers.split(",")):
                for program in given.programs.split(","):
                    if program != "catflap" and shutil.which(program) is None:
                        continue
                    sample = measure(helper, program, peers, given)
                    name = program
                    found.setdefault((name, peers), []).append(sample["packets"])
                    print(json.dumps({"program": name, "peers": peers, **sample}), flush=True)
    for (name, peers), rates in found.items():
        low, middle, high = min(rates), statistics.median(rates), max(rates)
        print(f"{name}, {peers} peers: median {middle:,.0f}, from {low:,.0f} to {high:,.0f}")


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(str(error))
