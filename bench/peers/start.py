"""Start a peer: choose ports, fill in its template and commands, wait until its doors open."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.peers.model import Door
from bench.processes import await_port, free_ports

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from bench.lab import Lab
    from bench.peers.model import Command, Peer
    from bench.processes import Crew

__all__ = ("Relay", "fill", "start_peer")

_HERE = Path(__file__).resolve().parent
_PLACE = re.compile(r"@([A-Z_]+)@")
_PAIR = frozenset({Door.PAIR_SERVER, Door.PAIR_CLIENT})
_READY_SECONDS = 15.0
_ATTEMPTS = 3


@dataclass(slots=True)
class Relay:
    """A running peer: the ports of its doors and its processes."""

    ports: dict[Door, int]
    processes: list[subprocess.Popen[bytes]]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every ``@NAME@`` replaced; an unknown name is a KeyError."""
    return _PLACE.sub(lambda match: values[match[1]], text)


def start_peer(lab: Lab, crew: Crew, peer: Peer, doors: frozenset[Door], backend: int) -> Relay:
    """Start what of the peer opens these doors, and return once they accept connections.

    Raises:
        BenchError: it did not open them, three times over with other ports.
    """
    if not peer.program:
        return Relay({Door.PLAIN: backend}, [])
    failure = BenchError(f"{peer.name} is not installed")
    for _ in range(_ATTEMPTS if lab.program(peer) else 0):
        # A port may be taken between its choice and its use, so other ports are tried.
        starting = _Starting(lab, crew, peer, backend)
        try:
            starting.open(doors)
        except BenchError as error:
            failure = BenchError(f"{peer.name}: {error}")
            for process in starting.relay.processes:
                crew.end(process)
        else:
            return starting.relay
    raise failure


@dataclass(slots=True)
class _Starting:
    """A peer on its way up."""

    lab: Lab
    crew: Crew
    peer: Peer
    backend: int
    relay: Relay = field(default_factory=lambda: Relay({}, []))

    def open(self, doors: frozenset[Door]) -> None:
        """Run the commands that open these doors."""
        ports = _ports()
        for command in self.peer.commands:
            if not command.doors & doors:
                continue
            far = ports[Door.PAIR_SERVER]
            if self.lab.split_pairs and command.doors & doors >= _PAIR:
                # The same template twice: the first process is the far end of the second's pair.
                second = _ports()
                self._run(command, second, second[Door.PAIR_SERVER])
                far = second[Door.PAIR_SERVER]
            self._run(command, ports, far)

    def _run(self, command: Command, ports: Mapping[Door, int], far: int) -> None:
        folder = Path(tempfile.mkdtemp(prefix=f"{self.peer.name}-", dir=self.lab.folder))
        log = folder / "log"
        values = {door.value: str(port) for door, port in ports.items()}
        values |= {"BACKEND": str(self.backend), "PAIR_FAR": str(far), "DIR": str(folder)}
        values |= {"LOG": str(log), "PID": str(folder / "pid"), "CONFIG": str(folder / "config")}
        values |= self.lab.placeholders(self.peer)
        if self.peer.config:
            template = (_HERE / self.peer.config).read_text()
            (folder / "config").write_text(fill(template, values))
        process = self.crew.start([fill(word, values) for word in command.words], log)
        self.relay.processes.append(process)
        for door in command.doors:
            await_port(process, ports[door], _READY_SECONDS, log)
            self.relay.ports[door] = ports[door]


def _ports() -> dict[Door, int]:
    return dict(zip(Door, free_ports(len(Door)), strict=True))
