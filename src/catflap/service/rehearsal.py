"""Building everything that a service would, and opening nothing of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.bridge.file.problems import FileProblem
from catflap.bridge.model import DualSide
from catflap.bridge.places import (
    identity_named,
    list_named,
    named_file,
    named_option,
    options_with_files,
)
from catflap.bridge.side import Side
from catflap.core import clock
from catflap.core.errors import CatflapError, ExitStatus, UsageError
from catflap.core.spans import Problem
from catflap.findings.finding import Severity
from catflap.relay.crls import with_lists
from catflap.relay.families import make_listener, make_opener
from catflap.relay.openers.tls import settings_of
from catflap.relay.policing import guard_of
from catflap.relay.proxy_header import ProxyTrust
from catflap.rules.registry import judge_bridge
from catflap.sandbox.privileges import check_privileges, privileges_of
from catflap.service.gate import acceptances
from catflap.survey.survey import survey
from catflap.tls.context import find_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.bridge.file.load import Configuration
    from catflap.bridge.model import Acceptance, Bridge
    from catflap.bridge.policy import Policy
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


def rehearse(
    configuration: Configuration, ends: tuple[tuple[str, Side | DualSide], ...] = ()
) -> Rehearsal:
    """Build every bridge: guards, certificates, contexts, openers; ask the gate; open nothing.

    Args:
        configuration: what was read.
        ends: further ends that are only built, with the names of their bridges: something else
            is wrong with those, so that guard and gate would judge what nobody meant.
    """
    troubles: list[Trouble] = []
    before = os.getcwd()
    os.chdir(configuration.folder)
    try:
        for bridge in configuration.bridges:
            troubles.extend(_Rehearsed(configuration, bridge).troubles())
        for name, end in ends:
            troubles.extend(_Built(configuration, name).troubles_of(end))
    finally:
        os.chdir(before)
    troubles.extend(_disagreements(configuration))
    return Rehearsal(
        tuple(sorted(troubles, key=lambda each: (each.problem.path, each.problem.span)))
    )


class _Built:
    """Builds ends.

    Args:
        configuration: knows the files.
        name: of the bridge.
        bridge: the bridge, when all of it can be judged.
    """

    def __init__(
        self, configuration: Configuration, name: str, bridge: Bridge | None = None
    ) -> None:
        self._configuration = configuration
        self._name = name
        self._bridge = bridge

    def troubles_of(self, end: Side | DualSide) -> Iterator[Trouble]:
        for side in (end.read, end.write) if isinstance(end, DualSide) else (end,):
            faults = [*self._missing(side), *self._faults(side)]
            # A file that is not there is told as that alone.
            yield from {each.problem.span: each for each in reversed(faults)}.values()
            if not faults:
                make = make_listener if side.serves_streams else make_opener
                yield from self._try(side, partial(make, side))

    def _missing(self, side: Side) -> Iterator[Trouble]:
        """Yield every file of TLS that is not there."""
        if not side.is_encrypted:
            return
        for path, span in options_with_files(side):
            try:
                os.stat(path)
            except (OSError, ValueError) as error:  # ValueError: a NUL in the path
                reason = error.strerror if isinstance(error, OSError) else str(error)
                listed = self._place_of_list(side, path)
                problem = Problem(f"{path} cannot be read: {reason}", listed or span, side.source)
                mend = "put the file there, or name another; from the configuration's directory on"
                yield self._trouble(side, problem, ExitStatus.FAILURE, mend)

    def _faults(self, side: Side) -> Iterator[Trouble]:
        """Yield everything that is wrong with the certificates, keys and trust of a side."""
        if not side.is_encrypted:
            return
        try:
            faults = find_faults(settings_of(side))
        except CatflapError as error:
            faults = (error,)
        for fault in faults:
            yield from self._told(side, fault)

    def _place_of_list(self, side: Side, message: str) -> Span | None:
        return list_named(self._bridge, side, message) if self._bridge is not None else None

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
            yield from self._told(side, error, find)

    def _told(
        self,
        side: Side,
        error: CatflapError,
        find: Callable[[Bridge, Side, str], Span | None] | None = None,
    ) -> Iterator[Trouble]:
        problems = error.problems if isinstance(error, UsageError) else ()
        for problem in problems:
            yield self._trouble(side, problem, error.exit_status)
        if not problems:
            span = find(self._bridge, side, error.message) if find and self._bridge else None
            span = span or self._place_of_list(side, error.message)
            span = span or named_file(side, error.message) or named_option(side, error.message)
            whole = Problem(error.message, span or side.span, side.source)
            yield self._trouble(side, whole, error.exit_status, error.hint)

    def _trouble(self, side: Side, problem: Problem, status: ExitStatus, mend: str = "") -> Trouble:
        path = self._configuration.path_of(side.source)
        if problem.source != side.source:
            problem = Problem(
                problem.message, side.span, side.source, problem.expected, problem.nearest
            )
        return Trouble(_placed(problem, path), status, self._name, mend=mend)


class _Rehearsed(_Built):
    """Builds and judges a whole bridge."""

    def __init__(self, configuration: Configuration, bridge: Bridge) -> None:
        super().__init__(configuration, bridge.name, bridge)
        self._whole = bridge

    def troubles(self) -> Iterator[Trouble]:
        bridge = self._whole
        first = bridge.first
        if isinstance(first, Side):
            yield from self._guarded(first, bridge.policy)
            yield from self._try(first, lambda: ProxyTrust.of(first))
        yield from self._try(bridge.sides[0], lambda: check_privileges(bridge))
        ends = bridge.first, bridge.second
        try:
            ends = with_lists(bridge)
        except CatflapError as error:
            yield from self._told(bridge.sides[0], error)
        for end in ends:
            yield from self.troubles_of(end)
        yield from self._gate()

    def _guarded(self, first: Side, policy: Policy) -> Iterator[Trouble]:
        """Yield what keeps the guard from being made; one identity hides none of the others."""
        listed = policy.identities or ()
        alone = [replace(policy, identities=(each,)) for each in listed] or [policy]
        told: set[str] = set()
        for each in alone:
            for trouble in self._try(first, partial(guard_of, first, each), identity_named):
                if trouble.problem.message not in told:
                    yield trouble
                told.add(trouble.problem.message)

    def _gate(self) -> Iterator[Trouble]:
        bridge = self._whole
        accepted = acceptances(bridge, clock.utc(clock.now())[:10])
        lapsed = {each.rule: each for each in bridge.accepted}
        for finding in judge_bridge(bridge, survey(bridge)):
            if finding.rule in accepted or finding.severity < Severity.MEDIUM:
                continue
            refuses = finding.severity >= Severity.HIGH
            refuses = refuses and bridge.dialect is Dialect.CATFLAP
            status = ExitStatus.REFUSED if refuses else ExitStatus.OK
            path = self._configuration.path_of(finding.source)
            over = lapsed.get(finding.rule)
            problem = _placed(_of_finding(finding, over.until if over else ""), path)
            yield Trouble(problem, status, self._name, finding.rule, finding.mend)
            if over is not None and over.until_at is not None:
                yield self._lapsed(over, over.until_at, status)

    def _lapsed(self, acceptance: Acceptance, at: Span, status: ExitStatus) -> Trouble:
        message = f"the acceptance of {acceptance.rule} ended on {acceptance.until}"
        expected = "a later day, once somebody has looked at it again"
        problem = Problem(message, at, acceptance.source, expected)
        path = self._configuration.path_of(acceptance.source)
        return Trouble(_placed(problem, path), status, self._name)


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
