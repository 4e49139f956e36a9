"""Which sinks the command line asked for."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.events.format import FORMATS
from catflap.events.model import Event, Level
from catflap.sinks.queue import EventQueue, Sink
from catflap.sinks.stream import LineLock, LogFile, StreamSink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ("EventLog", "LogOptions", "SharedSink", "open_sink")

_ORDER = {Level.INFO: 0, Level.NOTICE: 1, Level.WARNING: 2, Level.ERROR: 3}
_STDERR = 2


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Where events go and how.

    Args:
        form: ``human`` or ``json``.
        file: path of a log file, or nothing.
        target: ``stderr``, ``syslog``, ``journald`` or ``none``; a file comes before it.
        level: the least level that is written; ``None`` lets the bridge decide.
        drop_when_full: go on when audit events can no longer be written.
    """

    form: str = "human"
    file: str = ""
    target: str = "stderr"
    level: Level | None = None
    drop_when_full: bool = False

    @property
    def is_for_people(self) -> bool:
        """Whether events go where an error that ends the program is told anyway."""
        return self.target == "stderr" and not self.file


class EventLog:
    """The door through which every event goes."""

    def __init__(self, options: LogOptions, default_level: Level, sink: Sink | None = None) -> None:
        """Open the sink.

        Args:
            options: where events go and how.
            default_level: the least level, where nobody said another.
            sink: opened already, and shared with other processes.

        Raises:
            OperationError: it cannot be opened.
        """
        self._least = _ORDER[options.level or default_level]
        self._passes: dict[type[Event], bool] = {}
        self._queue = EventQueue(
            sink or open_sink(options), _complain, drop_when_full=options.drop_when_full
        )

    def emit(self, event: Event) -> None:
        """Hand over an event; never waits."""
        kind = type(event)
        passes = self._passes.get(kind)
        if passes is None:
            passes = self._passes[kind] = _ORDER[kind.level] >= self._least
        if passes:
            self._queue.emit(event)

    def is_full(self) -> bool:
        """Whether audit events can no longer be taken."""
        return self._queue.blocked

    def close(self) -> None:
        """Write what is left."""
        self._queue.close()


def _complain(message: str) -> None:
    try:
        os.write(_STDERR, f"catflap: {message}\n".encode())
    except OSError:
        # Nowhere is left to say it; the gauge of refused sessions still shows.
        return


class SharedSink:
    """A sink that several processes write to; none of them closes it for the others."""

    def __init__(self, sink: Sink) -> None:
        """Wrap what is open."""
        self._sink = sink

    def write(self, events: Sequence[Event]) -> None:
        """Write all of them."""
        self._sink.write(events)

    def close(self) -> None:
        """Leave it open: it goes with the process."""


def open_sink(options: LogOptions, lock: LineLock | None = None) -> Sink:
    """Return where events go.

    Args:
        options: where and how.
        lock: of the processes that share it; whoever shares it leaves it open.

    Raises:
        OperationError: it cannot be opened.
    """
    formatter: Callable[[Event], bytes] = FORMATS[options.form]
    alone = lock is None
    if options.file:
        file = LogFile(options.file)
        return StreamSink(file.descriptor, formatter, closes=alone, lock=lock, file=file)
    if options.target in {"syslog", "journald"}:
        from catflap.sinks.syslog import JournalSink, SyslogSink

        return SyslogSink(options.form) if options.target == "syslog" else JournalSink()
    if options.target == "none":
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        return StreamSink(null, formatter, closes=alone)
    sys.stderr.flush()
    return StreamSink(_STDERR, formatter, lock=lock)
