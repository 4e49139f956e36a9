"""Take all samples: scenario by scenario, case by case, peer after peer, round after round."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.measure import Visit
from bench.peers import start_peer
from bench.processes import Crew

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.lab import Backend, Lab
    from bench.measure import Case, Scenario
    from bench.peers import Peer, Relay
    from bench.results import Results

__all__ = ("Bench", "Plan")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often.

    Attributes:
        runs: alternating runs of each case.
        seconds: how long one sample loads a relay.
        idle_steps: numbers of idle sessions to measure memory at.
        wanted: tells by name whether a case is to be done.
    """

    runs: int
    seconds: float
    idle_steps: tuple[int, ...]
    wanted: Callable[[str], bool]


@dataclass(slots=True)
class Bench:
    """One run: where, how, whom, what was found, and who is told meanwhile."""

    lab: Lab
    plan: Plan
    peers: Sequence[Peer]
    results: Results
    tell: Callable[[str], None]

    def play(self, scenario: Scenario) -> None:
        """Do every wanted case of a scenario; failures become problems in the results."""
        cases = [case for case in scenario.cases if self.plan.wanted(case.name)]
        if not cases:
            return
        with Crew() as crew:
            try:
                backend = self.lab.backend(crew, scenario.backend) if scenario.backend else None
            except BenchError as error:
                self.results.problems.append(f"{scenario.name}: {error}")
                return
            stage = _Stage(self, scenario, backend, crew)
            stage.start_relays(cases)
            for case in cases:
                stage.play(case)
                self.tell(stage.summary(case))


@dataclass(slots=True)
class _Stage:
    """A scenario with its backend and relays up."""

    bench: Bench
    scenario: Scenario
    backend: Backend | None
    crew: Crew
    peers: list[Peer] = field(default_factory=list)
    relays: dict[str, Relay] = field(default_factory=dict)

    def start_relays(self, cases: Sequence[Case]) -> None:
        """Start every peer that some case needs; one that cannot start is left out."""
        for peer in self.bench.peers:
            mine = [case for case in cases if self.scenario.includes(peer, case)]
            doors = frozenset(door for case in mine for door in case.needs)
            try:
                if mine and self.scenario.keeps_relays and self.backend is not None:
                    lab, port = self.bench.lab, self.backend.port
                    self.relays[peer.name] = start_peer(lab, self.crew, peer, doors, port)
            except BenchError as error:
                self.bench.results.problems.append(f"{self.scenario.name}: {error}")
            else:
                self.peers += [peer] if mine else []

    def play(self, case: Case) -> None:
        """Take the samples of one case, the peers in turn, and then again."""
        failed: set[str] = set()
        for _ in range(case.runs(self.bench.plan.runs)):
            for peer in self.peers:
                if peer.name in failed or not self.scenario.includes(peer, case):
                    continue
                try:
                    self._visit(case, peer)
                except (BenchError, OSError) as error:
                    failed.add(peer.name)
                    self.bench.results.problems.append(f"{case.name}, {peer.name}: {error}")

    def summary(self, case: Case) -> str:
        """Return the medians of a case in one line."""
        parts = []
        for measure in case.measures:
            medians = [
                f"{peer.name} {median:.{measure.decimals}f}"
                for peer in self.peers
                if (median := self.bench.results.median(measure.name, peer.name)) is not None
            ]
            parts.append(f"{measure.name}, {measure.unit}: {', '.join(medians) or 'nothing'}")
        return "\n".join(parts)

    def _visit(self, case: Case, peer: Peer) -> None:
        plan, results = self.bench.plan, self.bench.results
        relay = self.relays.get(peer.name)
        visit = Visit(self.bench.lab, peer, self.backend, relay, plan.seconds, plan.idle_steps)
        for name, value in case.sample(visit).items():
            results.add(name, peer.name, value)
