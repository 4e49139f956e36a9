"""``tcpwrap``: hosts.allow and hosts.deny, read anew whenever they change.

Names of peers are those of /etc/hosts. A name server is not asked: it would have to be waited for
before anybody is let in, and whoever owns an address says there what it is called.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from catflap.core.errors import OperationError
from catflap.core.nouns import Decision
from catflap.guard.hosts_access import Client, Line, TableError, judge, read_table

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer

__all__ = ("WRAP_OPTIONS", "HostsAccess")

WRAP_OPTIONS = frozenset(
    {"tcpwrappers", "tcpwrap-etc", "tcpwrap-hosts-allow-table", "tcpwrap-hosts-deny-table"}
)
_HOSTS = "/etc/hosts"

Stamp = tuple[int, int, int] | None


class HostsAccess:
    """Both tables of one listener.

    Args:
        side: the listener.
    """

    __slots__ = ("_allow", "_deny", "_names", "_paths", "_problem", "_service", "_stamps")

    def __init__(self, side: Side) -> None:
        """Read the tables.

        Raises:
            OperationError: one cannot be read, or a line of it cannot be followed.
        """
        folder = side.text("tcpwrap-etc", "/etc").value
        self._paths = (
            side.text("tcpwrap-hosts-allow-table", f"{folder}/hosts.allow").value,
            side.text("tcpwrap-hosts-deny-table", f"{folder}/hosts.deny").value,
            _HOSTS,
        )
        own = os.path.basename(sys.argv[0]) or "catflap"
        self._service = side.text("tcpwrappers").value or own
        self._allow: tuple[Line, ...] = ()
        self._deny: tuple[Line, ...] = ()
        self._names: dict[str, tuple[str, ...]] = {}
        self._problem = ""
        self._stamps: tuple[Stamp, ...] = ()
        self._refresh()
        if self._problem:
            raise OperationError(self._problem, "mend the line, or name another table")

    @classmethod
    def of(cls, side: Side) -> HostsAccess | None:
        """Return the tables of a side that asks for them."""
        asked = any(side.last(name) is not None for name in WRAP_OPTIONS)
        return cls(side) if asked else None

    def __call__(self, peer: Peer) -> Decision:
        """Decide about a peer; while a table cannot be followed nobody is let in."""
        self._refresh()
        if self._problem:
            return Decision(
                allowed=False, rule="tcpwrap", reason=self._problem, mend="mend the table"
            )
        address = peer.shown_host
        return judge(self._allow, self._deny, Client(address, self._names.get(address, ())))

    def _refresh(self) -> None:
        stamps = tuple(_stamp(path) for path in self._paths)
        if stamps == self._stamps:
            return
        self._stamps, self._problem = stamps, ""
        self._allow, self._deny = (self._table(path) for path in self._paths[:2])
        self._names = _known_names(_text(self._paths[2]))

    def _table(self, path: str) -> tuple[Line, ...]:
        try:
            return read_table(_text(path), self._service)
        except TableError as error:
            self._problem = f"{path}, line {error.line}: {error}"
        except OSError as error:
            self._problem = f"{path} cannot be read: {error.strerror}"
        return ()


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _text(path: str) -> str:
    """Return a table; one that is not there is empty (hosts_access(5))."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _known_names(text: str) -> dict[str, tuple[str, ...]]:
    """Return the names of each address in a table of hosts(5)."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if names:
            found[address] = (*found.get(address, ()), *names)
    return found
