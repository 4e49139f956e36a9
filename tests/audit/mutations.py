"""Mutated inputs over all kinds: the corpus, broken in the ways that files get broken.

``python -m tests.audit.mutations 20000`` runs so many and says what went wrong.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING

from catflap.audit.options import Options
from catflap.audit.tree import Found
from catflap.audit.work import audit_data

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("corpus", "defects", "mutated")

_FOLDER = Path(__file__).parent.parent / "corpus"
_JUNK = (b"'", b'"', b"\\", b"\\\n", b"\n", b"\r\n", b"$(", b"`", b"${", b"}", b"{{", b"}}", b"[", b"]",
         b"!!", b",", b":", b"=", b"\t", b" ", b"\0", b"\xff\xfe", b"\xc3", "é".encode(), b"<<E\n",
         b"#", b"- ", b"|\n", b"socat ", b"TCP-LISTEN:80,fork ", b"%i", b"sh -c '", b"@", b"&", b"*")  # fmt: skip
_SECONDS = 1.0
_OPTIONS = Options(today=date(2026, 1, 1), look=False)


def corpus() -> list[tuple[str, bytes]]:
    """Return the files of the corpus: names and bytes."""
    skipped = {"labels.toml", "ruff.toml", "score.py"}
    paths = sorted(path for path in _FOLDER.rglob("*") if path.is_file())
    return [
        (str(path.relative_to(_FOLDER)), path.read_bytes())
        for path in paths
        if path.name not in skipped and "__pycache__" not in path.parts
    ]


def mutated(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Return the data with one to six things done to it."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        end = min(len(found), at + chance.choice((1, 1, 2, 5, 20, 200)))
        match chance.randrange(7):
            case 0:
                del found[at:end]
            case 1:
                found[at:at] = chance.choice(_JUNK)
            case 2:
                found[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
            case 3:
                found[at:at] = found[at:end] * chance.choice((2, 3, 50))
            case 4:
                del found[at:]
            case 5:
                found[at:at] = chance.choice(_JUNK) * chance.choice((2, 30, 300))
            case _:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                found[at:at] = other[start : start + 300]
    return bytes(found[:200_000])


def defects(name: str, data: bytes) -> Iterator[str]:
    """Yield what is wrong with how an input was audited."""
    began = time.process_time()
    audited = audit_data(data, Found(name, ""), _OPTIONS)
    seconds = time.process_time() - began
    if seconds > _SECONDS:
        yield f"slow: {seconds:.2f} s"
    for trouble in audited.troubles:
        if "fault of catflap" in trouble.message or "took more than" in trouble.message:
            yield trouble.message
    for finding in audited.findings:
        place = finding.place
        if not (0 <= place.start <= place.end and place.line >= 1 and place.column >= 1):
            yield f"no place: {finding.rule} {place}"


def _run(job: tuple[int, int]) -> list[tuple[str, int, str]]:
    seed, count = job
    files = corpus()
    others = [data for _, data in files]
    chance = random.Random(seed)
    found = []
    for number in range(count):
        name, data = chance.choice(files)
        state = mutated(data, chance, others)
        found.extend((name, number, defect) for defect in defects(name, state))
        if found and found[-1][1] == number:
            folder = Path(tempfile.gettempdir())
            (folder / f"mutation-{seed}-{number}-{Path(name).name}").write_bytes(state)
    return found


def main() -> int:
    """Run as many mutations as the first argument says, on all cores."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    size = 250
    jobs = [(seed * 1_000_000 + start, min(size, count - start)) for start in range(0, count, size)]
    tally: Counter[str] = Counter()
    with Pool() as pool:
        for found in pool.imap_unordered(_run, jobs):
            for name, _, defect in found:
                tally[f"{name}: {defect}"[:200]] += 1
    print(f"{count} inputs, {tally.total()} defects")
    for text, times in tally.most_common(40):
        print(times, text)
    return 1 if tally else 0


if __name__ == "__main__":
    sys.exit(main())
