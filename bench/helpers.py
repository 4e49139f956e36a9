"""Load programs of ours as processes: they answer in JSON, one object a line."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.processes import tail

if TYPE_CHECKING:
    from bench.processes import Crew

__all__ = ("Answer", "Helper")

Answer = dict[str, float]
_ROOT = Path(__file__).resolve().parent.parent


class Helper:
    """One running program of ``bench.load``."""

    def __init__(self, crew: Crew, name: str, arguments: list[str], folder: Path) -> None:
        """Start ``python -m bench.load.NAME``."""
        self._log = folder / f"{name}.err"
        self._name = name
        self._crew = crew
        self._rest = b""
        words = [sys.executable, "-m", f"bench.load.{name}", *arguments]
        self._process = crew.start(words, self._log, piped=True, folder=_ROOT)

    def answer(self, seconds: float) -> Answer:
        """Return the next line, decoded.

        Raises:
            BenchError: none came in time, or the program ended.
        """
        deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            chunk = self._read(deadline - time.monotonic())
            if not chunk:
                raise BenchError(f"{self._name} gave no answer: {tail(self._log)}")
            self._rest += chunk
        line, self._rest = self._rest.split(b"\n", 1)
        decoded: Answer = json.loads(line)
        return decoded

    def drain(self) -> None:
        """Forget answers that nobody waited for, left by a failed sample."""
        while self._read(0.0):
            pass
        self._rest = b""

    def ask(self, text: str) -> None:
        """Write one line to the program."""
        if self._process.stdin is None:
            raise BenchError(f"{self._name} has no stdin")
        try:
            self._process.stdin.write(f"{text}\n".encode())
        except OSError as error:
            raise BenchError(f"{self._name}: {error}: {tail(self._log)}") from error

    def end(self) -> None:
        """End the program."""
        self._crew.end(self._process)

    def _read(self, seconds: float) -> bytes:
        if self._process.stdout is None:
            return b""
        descriptor = self._process.stdout.fileno()
        ready, _, _ = select.select([descriptor], [], [], max(0.0, seconds))
        return os.read(descriptor, 65536) if ready else b""
