"""Telling a service manager how we are (sd_notify(3), sd_watchdog_enabled(3))."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

from catflap.core.spans import printable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Notifier",)

_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_STATUS_SECONDS = 5.0


class Notifier:
    """Speaks to the manager that started us, if one did and wants to hear.

    The socket is connected at once, while the manager's path can still be reached. What was in the
    environment is taken out, so that no child speaks in our name.
    """

    def __init__(self) -> None:
        """Read the environment."""
        told = {name: os.environ.pop(name, "") for name in _VARIABLES}
        self._sock = _connected(told["NOTIFY_SOCKET"])
        usec = told["WATCHDOG_USEC"]
        ours = told["WATCHDOG_PID"] in {"", str(os.getpid())}
        self._watchdog = int(usec) / 1e6 if usec.isdecimal() and ours else 0.0
        self._last = ""

    def ready(self) -> None:
        """Tell that everything listens, at the start or after a reload."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Tell that a reload begins; :meth:`ready` ends it."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send(f"RELOADING=1\nMONOTONIC_USEC={now}")

    def stopping(self) -> None:
        """Tell that no more sessions begin."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """Tell a person who looks at the unit what goes on."""
        if text != self._last:
            self._last = text
            self._send("STATUS=" + printable(text))

    def keep(self, call_later: Callable[..., object], status: Callable[[], str]) -> None:
        """Feed the watchdog from now on, twice as often as it asks, and tell the status.

        Args:
            call_later: of the loop: a loop that stands still feeds nobody.
            status: what to tell.
        """
        if self._sock is None:
            return
        self.status(status())
        if self._watchdog:
            self._send("WATCHDOG=1")
        seconds = min(_STATUS_SECONDS, self._watchdog / 2 or _STATUS_SECONDS)
        call_later(seconds, self.keep, call_later, status)

    def close(self) -> None:
        """Speak no more."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _send(self, text: str) -> None:
        if self._sock is not None:
            # A manager that does not listen must not stop us; it sees for itself.
            with contextlib.suppress(OSError):
                self._sock.send(text.encode())


def _connected(path: str) -> socket.socket | None:
    if not path.startswith(("/", "@")):
        return None
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    sock.setblocking(False)
    try:
        sock.connect("\0" + path[1:] if path.startswith("@") else path)
    except OSError:
        sock.close()
        return None
    return sock
