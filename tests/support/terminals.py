"""A person at a terminal: a program on a pseudo-terminal, what it shows, and what is typed."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Terminal", "at_terminal")

_SECONDS = 45.0


class Terminal:
    """The terminal and its program, which leads the foreground."""

    def __init__(self, words: list[str], **environment: str) -> None:
        """Start the program with the terminal as its standard input, output and error."""
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        self.shown = b""
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **environment},
        )

    def see(self, text: bytes) -> bytes:
        """Wait until a text is shown and return all up to its end; that is not seen again.

        Raises:
            AssertionError: it was not within the time.
        """
        deadline = time.monotonic() + _SECONDS
        while text not in self.shown:
            assert self._more(deadline), (text, self.shown)
        end = self.shown.index(text) + len(text)
        seen, self.shown = self.shown[:end], self.shown[end:]
        return seen

    def _more(self, deadline: float) -> bool:
        left = max(0.0, deadline - time.monotonic())
        if not select.select([self.master], [], [], left)[0]:
            return False
        piece = os.read(self.master, 65_536)
        self.shown += piece
        return bool(piece)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def is_as_before(self) -> bool:
        """Whether the terminal has the settings that the program found."""
        return termios.tcgetattr(self._slave) == self.before

    def gives_single_keys(self) -> bool:
        """Whether keys are given at once and not shown."""
        local = termios.tcgetattr(self._slave)[3]
        return not local & (termios.ICANON | termios.ECHO)

    def wait(self) -> int:
        """Return the status once the program has ended; what it still shows is kept."""
        status = self.process.wait(_SECONDS)
        while select.select([self.master], [], [], 0)[0]:
            self.shown += os.read(self.master, 65_536)
        return status

    def close(self) -> None:
        """Hang up."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(_SECONDS)
        os.close(self._slave)
        os.close(self.master)


def at_terminal() -> Iterator[object]:
    """Yield what starts programs on terminals; all end with the test."""
    running: list[Terminal] = []

    def begin(*words: str, **environment: str) -> Terminal:
        running.append(Terminal(list(words), **environment))
        return running[-1]

    yield begin
    for each in running:
        each.close()
