"""Events to syslog's socket (RFC 3164 form, as syslog(3) sends it) or to the journal."""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING

import msgspec

from catflap.core.errors import OperationError
from catflap.events.format import human_line, json_line, plain_fields
from catflap.events.model import Event, Level

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("JournalSink", "SyslogSink")

_DAEMON = 3 << 3
_SEVERITY = {Level.INFO: 6, Level.NOTICE: 5, Level.WARNING: 4, Level.ERROR: 3}
_SYSLOG = "/dev/log"
_JOURNAL = "/run/systemd/journal/socket"


def _connect(path: str, name: str) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        channel.connect(path)
    except OSError as error:
        channel.close()
        message = f"{name} is not there: {path}: {error.strerror}"
        raise OperationError(message, "--log stderr, or --log-file FILE") from error
    channel.settimeout(2.0)
    return channel


class SyslogSink:
    """Sends one datagram an event to /dev/log."""

    def __init__(self, form: str, path: str = _SYSLOG) -> None:
        """Connect.

        Raises:
            OperationError: nothing listens there.
        """
        self._format = json_line if form == "json" else human_line
        self._path = path
        self._socket = _connect(path, "syslog")

    def write(self, events: Sequence[Event]) -> None:
        """Send all events."""
        pid = os.getpid()
        for event in events:
            line = self._format(event).rstrip(b"\n")
            head = f"<{_DAEMON | _SEVERITY[event.level]}>catflap[{pid}]: ".encode()
            try:
                self._socket.send(head + line)
            except (ConnectionError, FileNotFoundError):
                self._again(head + line)

    def _again(self, datagram: bytes) -> None:
        """Send after the daemon was restarted and made its socket anew."""
        try:
            fresh = _connect(self._path, "syslog")
        except OperationError as error:
            raise ConnectionError(error.message) from error
        self._socket.close()
        self._socket = fresh
        self._socket.send(datagram)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class JournalSink:
    """Sends each event to the journal with its fields (systemd's native protocol)."""

    def __init__(self, path: str = _JOURNAL) -> None:
        """Connect.

        Raises:
            OperationError: no journal listens there.
        """
        self._socket = _connect(path, "the journal")

    def write(self, events: Sequence[Event]) -> None:
        """Send all events."""
        for event in events:
            fields = {
                "MESSAGE": human_line(event).decode().rstrip("\n")[19:],
                "PRIORITY": str(_SEVERITY[event.level]),
                "SYSLOG_IDENTIFIER": "catflap",
            }
            for name, value in plain_fields(event).items():
                text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
                fields[f"CATFLAP_{name.upper()}"] = text
            self._socket.send(b"".join(map(_field, fields, fields.values())))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _field(name: str, value: str) -> bytes:
    data = value.encode()
    if b"\n" not in data:
        return name.encode() + b"=" + data + b"\n"
    return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
