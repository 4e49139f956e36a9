"""Lines of the log in the C program's form: ``2026/11/23 01:53:02 socat[PID] E text``.

They are written at once and in order with what ``-v`` shows, as the C program does: who reads both
counts on that. A reader that stops reading the standard error therefore stops the relay after a
while; ``-lf`` and ``-ly`` do not.
"""

from __future__ import annotations

import os
import select
import socket
import time
from dataclasses import dataclass
from enum import IntEnum

from catflap.core.errors import OperationError
from catflap.core.spans import printable

__all__ = ("Grade", "LogSettings", "SocatLog")

_STDERR = 2
_SYSLOG = "/dev/log"
_STUCK_SECONDS = 5.0
_FACILITIES = {
    "kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "security": 4, "syslog": 5,
    "lpr": 6, "news": 7, "uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11,
    **{f"local{number}": 16 + number for number in range(8)},
}  # fmt: skip


class Grade(IntEnum):
    """How much a line matters; the value is the level of ``-d`` from which on it is written."""

    FATAL = -1
    ERROR = 0
    WARNING = 1
    NOTICE = 2
    INFO = 3
    DEBUG = 4

    @property
    def letter(self) -> str:
        """The letter in the line."""
        return "FEWNID"[self.value + 1]

    @property
    def priority(self) -> int:
        """The severity of syslog(3)."""
        return (2, 3, 4, 5, 6, 7)[self.value + 1]


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the flags say of the log.

    Args:
        level: of ``-d``: 0 errors alone, 4 everything.
        program: the name in every line.
        micros: whether times have microseconds (``-lu``).
        host: whether lines name this host (``-lh``).
        file: path of a log file (``-lf``).
        facility: of syslog (``-ly``, ``-lm``).
        mixed: standard error until bytes flow, then syslog (``-lm``).
    """

    level: int = 1
    program: str = "socat"
    micros: bool = False
    host: bool = False
    file: str = ""
    facility: str = ""
    mixed: bool = False


class SocatLog:
    """Writes lines where the flags say."""

    def __init__(self, settings: LogSettings) -> None:
        """Open what is to be written to.

        Raises:
            OperationError: the file cannot be opened, or the facility is not known.
        """
        self.settings = settings
        self._descriptor = _STDERR
        host = os.environ.get("HOSTNAME") or os.uname().nodename
        self._host = f"{host} " if settings.host else ""
        self._socket: socket.socket | None = None
        self._priority = _facility(settings.facility) if settings.facility else 0
        if settings.file:
            from catflap.sinks.stream import open_log_file

            self._descriptor = open_log_file(settings.file)
        elif settings.facility and not settings.mixed:
            self._to_syslog()

    def shows(self, grade: Grade) -> bool:
        """Whether lines of this grade are written."""
        return grade <= self.settings.level

    def write(self, grade: Grade, text: str, *, always: bool = False) -> None:
        """Write one line; what would move a terminal's cursor is escaped."""
        if not always and grade > self.settings.level:
            return
        text = printable(text)
        program = f"{self.settings.program}[{os.getpid()}]"
        if self._socket is not None:
            self._send(f"<{self._priority | grade.priority}>{program}: {grade.letter} {text}")
            return
        now = time.time()
        moment = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(now))
        if self.settings.micros:
            moment += f".{int(now % 1 * 1_000_000):06d}"
        line = f"{moment} {self._host}{program} {grade.letter} {text}\n"
        write_whole(self._descriptor, line.encode("utf-8", "surrogateescape"))

    def flowing(self) -> None:
        """Hear that bytes begin to flow: a mixed log goes to syslog from here on."""
        if self.settings.mixed and self._socket is None and not self.settings.file:
            self._to_syslog()

    def _to_syslog(self) -> None:
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            channel.connect(_SYSLOG)
        except OSError as error:
            channel.close()
            self.write(Grade.WARNING, f"syslog is not there, so this is the log: {error.strerror}")
            return
        channel.setblocking(False)
        self._socket = channel

    def _send(self, text: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(text.encode("utf-8", "surrogateescape"))
        except OSError:
            # The daemon is slow or gone: as with syslog(3), the line is lost and the relay goes on.
            return


def _facility(name: str) -> int:
    number = _FACILITIES.get(name.lower())
    if number is None:
        message = f'unknown syslog facility "{name}"'
        raise OperationError(message)
    return number << 3


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all bytes to a descriptor that others may have made non-blocking.

    A reader that is gone or takes nothing for some seconds loses the rest: nobody is left to tell.
    """
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            if not poll.poll(_STUCK_SECONDS * 1000):
                return
        except OSError:
            return
