"""What a peer is; the peers themselves are rows in ``table``."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import Enum

__all__ = ("Command", "Door", "Peer")


class Door(Enum):
    """A port that a relay opens; the value is its placeholder in templates."""

    PLAIN = "PLAIN"
    TLS_FRONT = "TLS_FRONT"  # TLS towards the client, who shows no certificate: for wrk
    PAIR_SERVER = "PAIR_SERVER"  # TLS towards the client, who must show one
    PAIR_CLIENT = "PAIR_CLIENT"  # plain towards the client, mutual TLS towards PAIR_SERVER


@dataclass(frozen=True, slots=True)
class Command:
    """One command line, ``@NAME@`` to be filled in, and the doors it opens."""

    doors: frozenset[Door]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """One relay.

    Attributes:
        name: how it is called here; also the column in the report.
        program: executable looked up in PATH; empty for no relay at all.
        commands: what to start; of several, only those whose doors are wanted.
        config: template beside the table, written out as ``@CONFIG@``.
        most_idle: how many idle sessions are asked of it at most.
        version: arguments that print its version.
        stdio: arguments that relay stdin to ``@BACKEND@``, if it can.
    """

    name: str
    program: str
    commands: tuple[Command, ...] = ()
    config: str = ""
    most_idle: int = 1_000_000
    version: tuple[str, ...] = ()
    stdio: tuple[str, ...] = ()

    def offers(self, door: Door) -> bool:
        """Tell whether it can open this door."""
        return any(door in command.doors for command in self.commands)

    def path(self) -> str | None:
        """Return where its program is, None if it is not installed."""
        return shutil.which(self.program)
