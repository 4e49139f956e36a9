"""Processes the bench starts: each in a group of its own, each ended by its id, on every path."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

from bench.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

__all__ = ("LOOPBACK", "Crew", "await_port", "free_ports", "raise_descriptor_limit", "tail")

LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.02
_END_SECONDS = 5.0


class Crew:
    """Starts processes and ends all of them when the block is left."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Return the crew itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End everyone, the latest first."""
        for process in reversed(list(self._running)):
            self.end(process)

    def start(
        self, words: Sequence[str], log: Path, *, piped: bool = False, folder: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program in its own process group; its errors go to ``log``.

        Args:
            words: the program and its arguments.
            log: file that takes stderr, and stdout too unless piped.
            piped: give stdin and stdout as pipes to the caller.
            folder: working directory, that of the bench unless given.
        """
        with log.open("ab") as out:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else out,
                stderr=out,
                bufsize=0,
                cwd=folder,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and its children: asked first, then killed; bounded in time."""
        if process in self._running:
            self._running.remove(process)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        # Children that outlived their parent (socat's sessions) are still in its group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_END_SECONDS)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def await_port(process: subprocess.Popen[bytes], port: int, seconds: float, log: Path) -> None:
    """Return once the port accepts a connection.

    Raises:
        BenchError: the process ended, or time ran out.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1.0).close()
        except OSError:
            pass
        else:
            return
        try:
            # The pause between attempts is a wait on the process: it notices an early death.
            code = process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        raise BenchError(f"ended with code {code}: {tail(log)}")
    raise BenchError(f"port {port} not open after {seconds:.0f} s: {tail(log)}")


def free_ports(count: int) -> list[int]:
    """Return ports the kernel chose; all are held at once, so that they differ."""
    held = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


def raise_descriptor_limit() -> int:
    """Raise the soft limit of open files to the hard one; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def tail(log: Path, size: int = 400) -> str:
    """Return the end of a log in one line, for error messages."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return " ".join(text[-size:].split()) or "(it said nothing)"
