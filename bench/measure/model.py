"""What a measure, a case and a scenario are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.peers import Door

if TYPE_CHECKING:
    from bench.lab import Backend, BackendKind, Lab
    from bench.peers import Peer, Relay

__all__ = ("PAIR", "PLAIN", "Case", "Measure", "Sample", "Scenario", "Visit")

PLAIN = frozenset({Door.PLAIN})
PAIR = frozenset({Door.PAIR_SERVER, Door.PAIR_CLIENT})


@dataclass(frozen=True, slots=True)
class Measure:
    """One number: its name, what it says, its unit, and which way is better."""

    name: str
    title: str
    unit: str
    higher_is_better: bool = True
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """All that one sample needs: where it is, whom it measures, what stands behind.

    ``relay`` is None where the sample starts the peer itself.
    """

    lab: Lab
    peer: Peer
    backend: Backend | None
    relay: Relay | None
    seconds: float
    idle_steps: tuple[int, ...]

    def port(self, door: Door) -> int:
        """Return the port of a door of the running relay."""
        if self.relay is None:
            raise LookupError(door)
        return self.relay.ports[door]


Sample = Callable[[Visit], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to do with every peer in turn, and the measures it yields.

    Attributes:
        needs: the doors it uses; a peer without them is passed over.
        sample: does it once; it may leave measures out, and raises BenchError if it cannot.
        runs: how many times, of so many asked for; a slow case may settle for less.
    """

    name: str
    measures: tuple[Measure, ...]
    needs: frozenset[Door]
    sample: Sample
    runs: Callable[[int], int] = int


@dataclass(frozen=True, slots=True)
class Scenario:
    """Cases that share a backend and, unless each sample starts its own, the relays."""

    name: str
    backend: BackendKind | None
    cases: tuple[Case, ...]
    keeps_relays: bool = True

    def includes(self, peer: Peer, case: Case) -> bool:
        """Tell whether this peer can do this case."""
        if not self.keeps_relays and self.backend is None:
            return bool(peer.stdio)
        if not peer.program:
            return self.keeps_relays and not case.needs - PLAIN
        return all(peer.offers(door) for door in case.needs)
