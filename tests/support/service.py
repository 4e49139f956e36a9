"""The program as a process: started, watched by its events, and ended by its id."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ("Service",)

_TURNS = 30

EventDict = dict[str, Any]


class Service:
    """One ``catflap run`` whose standard error carries its events as JSON.

    Args:
        first: the first address.
        second: the second address.
        arguments: further words before the addresses, such as ``--once``.
        prefix: a program that starts it, such as ``prlimit --nofile=64``.
        environment: variables over those of the test.
        stdin: as for :class:`subprocess.Popen`.
        stdout: as for :class:`subprocess.Popen`.
        folder: where it runs.
        descriptors: descriptors that it inherits under their numbers.
    """

    def __init__(
        self,
        first: str,
        second: str,
        *arguments: str,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        stdin: int | IO[Any] | None = subprocess.DEVNULL,
        stdout: int | IO[Any] | None = subprocess.DEVNULL,
        folder: Path | None = None,
        descriptors: Sequence[int] = (),
    ) -> None:
        """Start it in a process group of its own."""
        words = self.words(first, second, arguments)
        self.command = [*prefix, sys.executable, "-m", "catflap", *words]
        self.events: list[EventDict] = []
        self.messages: list[str] = []
        self._news = threading.Condition()
        self._silent = False
        self.process = subprocess.Popen(
            self.command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            pass_fds=tuple(descriptors),
            process_group=0,
        )
        self._handle = os.pidfd_open(self.process.pid)
        self._reader = threading.Thread(target=self._read, name="events", daemon=True)
        self._reader.start()

    def words(self, first: str, second: str, arguments: Sequence[str]) -> list[str]:
        """Return what stands behind the program's name."""
        return ["run", "--log-format", "json", "--log-level", "info", *arguments, first, second]

    def _read(self) -> None:
        """Take every line of the standard error: an event, or a message for a person."""
        stream = self.process.stderr
        assert stream is not None
        for line in stream:
            event = _event(line)
            with self._news:
                if event is not None:
                    self.events.append(event)
                else:
                    self.messages.append(line.decode(errors="replace").rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._silent = True
            self._news.notify_all()

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    @property
    def on(self) -> list[str]:
        """The addresses of the first listener, as its event tells them."""
        return list(self.wait_for("listening")["on"])

    @property
    def port(self) -> int:
        """The port of the first listener's first address."""
        return int(self.on[0].rpartition(":")[2])

    @property
    def ports(self) -> list[int]:
        """The ports of all addresses of the first listener."""
        return [int(address.rpartition(":")[2]) for address in self.on]

    def find(self, event: str, **fields: object) -> list[EventDict]:
        """Return the events of a kind so far whose fields have these values.

        A value may be a function, which says whether it is one that is meant.
        """
        with self._news:
            return [found for found in self.events if _matches(found, event, fields)]

    def wait_for(
        self, event: str, timeout: float = PATIENCE, *, count: int = 1, **fields: object
    ) -> EventDict:
        """Return the ``count``-th event of a kind whose fields have these values.

        Raises:
            AssertionError: it did not come in time, or the process ended without it.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                found = [each for each in self.events if _matches(each, event, fields)]
                if len(found) >= count:
                    return found[count - 1]
                rest = deadline - time.monotonic()
                if self._silent or rest <= 0:
                    why = "the process ended" if self._silent else f"{timeout:g} s passed"
                    message = f"no event {event} {fields or ''}: {why}\n{self.story()}"
                    raise AssertionError(message)
                self._news.wait(rest)

    def wait(self, timeout: float = PATIENCE) -> int:
        """Return the exit status, ``-n`` when signal n ended it, once it is over.

        Raises:
            AssertionError: it is still running after the time.
        """
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        if not poll.poll(timeout * 1000):
            message = f"still running after {timeout:g} s\n{self.story()}"
            raise AssertionError(message)
        # Left unreaped so that its group's number stays ours until close().
        ending = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        assert ending is not None
        self._hear_out()
        return ending.si_status if ending.si_code == os.CLD_EXITED else -ending.si_status

    def _hear_out(self) -> None:
        """Let the reader come to the end; a child that still has the standard error has none.

        Many short waits, so that a machine that stalls takes one of them and not all.
        """
        for _ in range(_TURNS):
            if not self._reader.is_alive():
                return
            self._reader.join(0.1)

    def stop(self, number: int = signal.SIGTERM, timeout: float = PATIENCE) -> int:
        """Send a signal and return the exit status."""
        signal.pidfd_send_signal(self._handle, number)
        return self.wait(timeout)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let it and its workers stand still: what the block does happens at one moment for them.

        Whatever they look at from time to time, they see none of the states in between.
        """
        os.killpg(self.pid, signal.SIGSTOP)
        try:
            eventually(self._stands_still, what="the processes stopped")
            yield
        finally:
            os.killpg(self.pid, signal.SIGCONT)

    def _stands_still(self) -> bool:
        """Whether nothing runs in its process group (proc(5), stat: the state, and pgrp)."""
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it ended meanwhile
                state, _, group = path.read_text(errors="replace").rpartition(")")[2].split()[:3]
                if int(group) == self.pid and state not in "TtZX":
                    return False
        return True

    def story(self) -> str:
        """Return what it was asked and all that it said, for a failing test."""
        lines = [" ".join(self.command), *map(json.dumps, self.events), *self.messages]
        return "\n".join(lines)

    def close(self) -> None:
        """End it and what it started; harmless when it is over."""
        if self.process.returncode is not None:
            return
        try:
            self.stop(timeout=3.0)
        except (AssertionError, ProcessLookupError):
            pass
        finally:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()
            os.close(self._handle)
            self._hear_out()
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                if stream is not None and not (self._reader.is_alive() and stream.readable()):
                    stream.close()


def _event(line: bytes) -> EventDict | None:
    if not line.startswith(b'{"event":'):
        return None
    try:
        found: EventDict = json.loads(line)
    except ValueError:
        return None
    return found


def _matches(found: EventDict, event: str, fields: Mapping[str, object]) -> bool:
    return found["event"] == event and all(
        value(found.get(key)) if callable(value) else found.get(key) == value
        for key, value in fields.items()
    )
