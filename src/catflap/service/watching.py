"""Metrics, health and readiness: on a UNIX socket or a loopback port of their own, never else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from typing import TYPE_CHECKING, Protocol

from catflap import __version__
from catflap.bridge.file.metrics_address import parse_metrics_address
from catflap.core import clock
from catflap.core.errors import OperationError
from catflap.core.spans import printable
from catflap.service.control import close_in_child
from catflap.service.exposition import CONTENT_TYPE, Sample, expose
from catflap.service.http import Reply, Watchers

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("WatchSocket", "Watched")

_BACKLOG = 8
_LONGEST = 8192


class Watched(Protocol):
    """What a service shows of itself."""

    def samples(self) -> Iterable[Sample]:
        """Return the numbers that are known at this moment."""

    def ready(self) -> str:
        """Return why no new session is taken; nothing while they are."""


class WatchSocket:
    """Where metrics and health are served.

    Args:
        where: as the user wrote it.
        watched: what is shown.
    """

    def __init__(self, where: str, watched: Watched) -> None:
        """Read the address.

        Raises:
            UsageError: it is not on this host alone.
        """
        self._address = parse_metrics_address(where)
        self._watched = watched
        self._began = clock.now()
        self._sock: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._watchers: Watchers | None = None
        self._identity: tuple[int, int] | None = None

    def open(self) -> str:
        """Make the socket; a UNIX one has mode 0600. Return where it is.

        Raises:
            OperationError: it cannot be made.
        """
        address = self._address
        sock: socket.socket | None = None
        try:
            if isinstance(address, str):
                sock = self._unix(address)
            else:
                family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
                sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(address)
            sock.listen(_BACKLOG)
            sock.setblocking(False)
        except OSError as error:
            if sock is not None:
                sock.close()
            shown = address if isinstance(address, str) else f"{address[0]}:{address[1]}"
            message = f"metrics cannot be served at {printable(shown)}: {error.strerror or error}"
            raise OperationError(message) from error
        self._sock = sock
        name = sock.getsockname()
        if isinstance(name, tuple):
            return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
        return f"unix:{self._address}"

    def _unix(self, path: str) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            _remove_dead(path)
            before = os.umask(0o177)
            try:
                sock.bind(path)
            finally:
                os.umask(before)
            found = os.stat(path)
            self._identity = (found.st_dev, found.st_ino)
        except OSError:
            sock.close()
            raise
        return sock

    async def start(self) -> None:
        """Answer from now on."""
        if self._sock is None:
            return
        pages = {"/metrics": self._metrics, "/healthz": self._health, "/readyz": self._readiness}
        self._watchers = watchers = Watchers(pages, any_host=isinstance(self._address, str))
        begin = (
            asyncio.start_unix_server if isinstance(self._address, str) else asyncio.start_server
        )
        self._server = await begin(
            watchers.serve, sock=self._sock, limit=_LONGEST, backlog=_BACKLOG
        )

    def disown(self) -> None:
        """Let go of the socket without touching what others see: after a fork."""
        close_in_child(self._watchers.writers if self._watchers else (), self._server)
        self._sock = None

    def close(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        if isinstance(self._address, str) and self._identity is not None:
            with contextlib.suppress(OSError):
                found = os.stat(self._address)
                if (found.st_dev, found.st_ino) == self._identity:
                    os.unlink(self._address)

    def _metrics(self) -> Reply:
        ready = 0.0 if self._watched.ready() else 1.0
        own: list[Sample] = [
            ("catflap_ready", (), ready),
            ("catflap_start_time_seconds", (), round(self._began, 3)),
            ("catflap_build_info", (__version__,), 1),
        ]
        return Reply(200, expose([*own, *self._watched.samples()]), CONTENT_TYPE)

    def _health(self) -> Reply:
        """Answer at all: whoever reads this knows that the loop turns."""
        return Reply(200, b"ok\n")

    def _readiness(self) -> Reply:
        why = self._watched.ready()
        return Reply(503, f"{why}\n".encode()) if why else Reply(200, b"ok\n")


def _remove_dead(path: str) -> None:
    """Remove the socket that a dead service left; one that answers, or no socket, is left alone.

    A connection to a plain file is refused as well (unix(7)), so that is not asked of one.
    """
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        except FileNotFoundError:
            return
