"""How fast a tree is audited, and in how much memory: ``python -m bench.audit``.

The tree is made anew under a temporary directory, always the same: 10,000 files, 100 MB, of the
kinds and sizes that a large repository has. Two are measured: the relay's name in a fifth of the
files, and in a hundredth.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.audit_texts import KINDS, text_of

FILES = 10_000
BYTES = 100_000_000
BARS = {5: 8.0, 100: 3.0}
"""Seconds that are allowed when one file in so many holds the word."""

MEMORY = 200_000_000
SMALL = 0.3


def make_tree(top: Path, one_in: int, files: int = FILES, size: int = BYTES) -> int:
    """Write a tree; return its bytes."""
    random_ = random.Random(one_in)
    written = 0
    left = size
    for number in range(files):
        name, kind = KINDS[number % len(KINDS)]
        # Sizes as they are: many small files, a few large ones; the sum is held.
        mean = max(left / (files - number), 400)
        wanted = int(min(random_.lognormvariate(0, 1.1) / 1.83 * mean, 1_500_000))
        text = text_of(kind, wanted, random_, with_word=number % one_in == 0)
        folder = top / f"part{number % 40:02}" / f"module{number % 400:03}"
        folder.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        (folder / name.format(number=number)).write_bytes(data)
        written += len(data)
        left -= len(data)
    (top / ".gitignore").write_text("*.pyc\n/build/\nnode_modules/\n*.log\n")
    return written


def resident(pid: int) -> int:
    """Return the bytes that a process and its children hold, shared pages counted once."""
    total = 0
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            total += 1024 * int(rollup.split("Pss:")[1].split()[0])
            for task in os.listdir(f"/proc/{each}/task"):
                children = Path(f"/proc/{each}/task/{task}/children").read_text()
                waiting.extend(int(child) for child in children.split())
        except (OSError, IndexError, ValueError):
            continue
    return total


def measure(arguments: list[str]) -> tuple[float, int, str]:
    """Run an audit; return its seconds, the most memory it held, and its summary."""
    command = [
        str(Path(sys.executable).with_name("catflap")),
        "audit",
        "--isolated",
        "-o",
        os.devnull,
        *arguments,
    ]
    start = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.1):
            peak = max(peak, resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, said = process.communicate()
    seconds = time.monotonic() - start
    done.set()
    watcher.join()
    if process.returncode not in {0, *range(11, 16)}:
        raise SystemExit(f"the audit ended with {process.returncode}: {said}")
    return seconds, peak, said.strip().rpartition("\n")[2]


def main() -> int:
    """Measure and tell; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=0, help="processes (one a processor)")
    parser.add_argument("--keep", type=Path, help="make the trees there and leave them")
    chosen = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory(prefix="catflap-bench-") as temporary:
        top = chosen.keep or Path(temporary)
        jobs = ["--jobs", str(chosen.jobs)] if chosen.jobs else []
        for one_in, bar in BARS.items():
            tree = top / f"one-in-{one_in}"
            if not tree.exists():
                make_tree(tree, one_in)
            seconds, peak, summary = measure([*jobs, str(tree)])
            missed |= seconds > bar or peak > MEMORY
            print(
                f"1 in {one_in:<4} {seconds:5.2f}s (bar {bar:.0f}s) {peak / 1e6:4.0f} MB  {summary}"
            )
        small = top / "small.sh"
        small.write_text("#!/bin/sh\nsocat TCP-LISTEN:8080,fork TCP:127.0.0.1:80\n")
        seconds = min(measure([str(small)])[0] for _ in range(5))
        missed |= seconds > SMALL
        print(f"one file  {seconds:5.2f}s (bar {SMALL}s)")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
