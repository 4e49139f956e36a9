"""Building everything that a service would, and opening nothing of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.bridge.file.problems import FileProblem
from catflap.bridge.model import DualSide
from catflap.bridge.places import identity_named, named_file, options_with_files
from catflap.bridge.side import Side
from catflap.core import clock
from catflap.core.errors import CatflapError, ExitStatus, UsageError
from catflap.core.spans import Problem
from catflap.findings.finding import Severity
from catflap.relay.crls import with_lists
from catflap.relay.families import make_listener, make_opener
from catflap.relay.policing import guard_of
from catflap.relay.proxy_header import ProxyTrust
from catflap.rules.registry import judge_bridge
from catflap.sandbox.privileges import check_privileges, privileges_of
from catflap.service.gate import acceptances
from catflap.survey.survey import survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.bridge.file.load import Configuration
    from catflap.bridge.model import Bridge
    from catflap.core.spans import Span
    from catflap.findings.finding import Finding

__all__ = ("Rehearsal", "Trouble", "rehearse")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that would keep a service from starting, or that it would warn of.

    Args:
        problem: what and where.
        status: that a start would end with; ``OK`` for a warning.
        bridge: whose.
        rule: of the gate, when it is a finding.
        mend: the smallest change.
    """

    problem: FileProblem
    status: ExitStatus
    bridge: str
    rule: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it.

    Args:
        troubles: in the order of the files.
    """

    troubles: tuple[Trouble, ...]

    @property
    def status(self) -> ExitStatus:
        """The status that a start would end with: of several, what has to be mended first."""
        statuses = {trouble.status for trouble in self.troubles}
        order = (ExitStatus.USAGE, ExitStatus.REFUSED, ExitStatus.FAILURE)
        return next((status for status in order if status in statuses), ExitStatus.OK)


def rehearse(configuration: Configuration) -> Rehearsal:
    """Build every bridge: guards, certificates, contexts, openers; ask the gate; open nothing."""
    troubles: list[Trouble] = []
    before = os.getcwd()
    os.chdir(configuration.folder)
    try:
        for bridge in configuration.bridges:
            troubles.extend(_Rehearsed(configuration, bridge).troubles())
    finally:
        os.chdir(before)
    troubles.extend(_disagreements(configuration))
    return Rehearsal(
        tuple(sorted(troubles, key=lambda each: (each.problem.path, each.problem.span)))
    )


class _Rehearsed:
    def __init__(self, configuration: Configuration, bridge: Bridge) -> None:
        self._configuration = configuration
        self._bridge = bridge

    def troubles(self) -> Iterator[Trouble]:
        bridge = self._bridge
        first = bridge.first
        if isinstance(first, Side):
            yield from self._try(first, lambda: guard_of(first, bridge.policy), identity_named)
            yield from self._try(first, lambda: ProxyTrust.of(first))
        yield from self._try(bridge.sides[0], lambda: check_privileges(bridge))
        try:
            ends = with_lists(bridge)
        except CatflapError:
            yield from self._try(bridge.sides[0], lambda: with_lists(bridge))
            ends = bridge.first, bridge.second
        for end in ends:
            for side in (end.read, end.write) if isinstance(end, DualSide) else (end,):
                missing = list(self._missing(side))
                yield from missing
                if not missing:
                    make = make_listener if side.serves_streams else make_opener
                    yield from self._try(side, partial(make, side))
        yield from self._gate()

    def _missing(self, side: Side) -> Iterator[Trouble]:
        """Yield every file of TLS that is not there: what is built stops at the first."""
        if not side.is_encrypted:
            return
        for path, span in options_with_files(side):
            try:
                os.stat(path)
            except (OSError, ValueError) as error:  # ValueError: a NUL in the path
                reason = error.strerror if isinstance(error, OSError) else str(error)
                problem = Problem(f"{path} cannot be read: {reason}", span, side.source)
                yield self._trouble(side, problem, ExitStatus.FAILURE)

    def _try(
        self,
        side: Side,
        build: Callable[[], object],
        find: Callable[[Bridge, Side, str], Span | None] | None = None,
    ) -> Iterator[Trouble]:
        """Yield what building says; ``find`` knows where that is written, when not in the side."""
        try:
            build()
        except CatflapError as error:
            problems = error.problems if isinstance(error, UsageError) else ()
            for problem in problems:
                yield self._trouble(side, problem, error.exit_status)
            if not problems:
                span = find(self._bridge, side, error.message) if find is not None else None
                span = span or named_file(side, error.message) or side.span
                whole = Problem(error.message, span, side.source, error.hint)
                yield self._trouble(side, whole, error.exit_status)

    def _trouble(self, side: Side, problem: Problem, status: ExitStatus) -> Trouble:
        path = self._configuration.path_of(side.source)
        if problem.source != side.source:
            problem = Problem(
                problem.message, side.span, side.source, problem.expected, problem.nearest
            )
        return Trouble(_placed(problem, path), status, self._bridge.name)

    def _gate(self) -> Iterator[Trouble]:
        accepted = acceptances(self._bridge, clock.utc(clock.now())[:10])
        lapsed = {each.rule: each.until for each in self._bridge.accepted}
        for finding in judge_bridge(self._bridge, survey(self._bridge)):
            if finding.rule in accepted or finding.severity < Severity.MEDIUM:
                continue
            refuses = finding.severity >= Severity.HIGH
            refuses = refuses and self._bridge.dialect is Dialect.CATFLAP
            status = ExitStatus.REFUSED if refuses else ExitStatus.OK
            path = self._configuration.path_of(finding.source)
            problem = _placed(_of_finding(finding, lapsed.get(finding.rule, "")), path)
            yield Trouble(problem, status, self._bridge.name, finding.rule, finding.mend)


def _of_finding(finding: Finding, lapsed: str) -> Problem:
    message = f"{finding.rule} ({finding.severity}): {finding.message}"
    if lapsed:
        message += f" (it was accepted until {lapsed})"
    return Problem(message, finding.span, finding.source)


def _placed(problem: Problem, path: str) -> FileProblem:
    return FileProblem(
        problem.message, problem.span, problem.source, problem.expected, problem.nearest, path
    )


def _disagreements(configuration: Configuration) -> Iterator[Trouble]:
    """Yield the bridges that ask for other privileges than the first that asks: one process."""
    asked: tuple[str, object] | None = None
    for bridge in configuration.bridges:
        try:
            wanted = privileges_of(bridge)
        except CatflapError:
            continue
        if wanted is None:
            continue
        if asked is None:
            asked = (bridge.name, wanted)
        elif asked[1] != wanted:
            side = bridge.sides[0]
            problem = Problem(
                f"su, setuid and chroot hold for the whole process; {asked[0]} asks for others",
                side.span,
                side.source,
                f"the same as in [bridge.{asked[0]}], or a service of its own",
            )
            placed = _placed(problem, configuration.path_of(side.source))
            yield Trouble(placed, ExitStatus.USAGE, bridge.name)
