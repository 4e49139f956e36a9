"""Where a service has its bridges from: a file that is read at the start and at every reload."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.bridge.file.load import load
from catflap.bridge.file.problems import ConfigurationError
from catflap.bridge.side import Side
from catflap.core.errors import CatflapError, ExitStatus, RefusedError, UsageError
from catflap.rules.registry import RULES
from catflap.sandbox.privileges import privileges_of
from catflap.service.gate import judge
from catflap.service.rehearsal import rehearse

if TYPE_CHECKING:
    from catflap.bridge.file.load import Configuration, ServiceSettings
    from catflap.bridge.model import Bridge
    from catflap.service.gate import Verdict
    from catflap.service.rehearsal import Rehearsal, Trouble

__all__ = ("Approved", "ConfigurationSource", "RehearsalError", "approve", "told")


class RehearsalError(CatflapError):
    """A configuration is not fit to start; every trouble of every bridge is told.

    Args:
        rehearsal: what was found.
    """

    prefix = ""

    def __init__(self, rehearsal: Rehearsal) -> None:
        """Take the status of what has to be mended first."""
        bad = [each for each in rehearsal.troubles if each.status is not ExitStatus.OK]
        super().__init__(bad[0].problem.sentence() if bad else "nothing is wrong")
        self.exit_status = rehearsal.status
        self._blocks = [told(each) for each in bad]

    def render(self) -> str:
        """Return every trouble with its place, its mend and how to accept it."""
        status = int(self.exit_status)
        return "\n".join([*self._blocks, f"Nothing was opened (exit status {status})."])


def told(trouble: Trouble) -> str:
    """Return a trouble as a person reads it: place, mend, and how to accept it by name."""
    lines = [trouble.problem.render()]
    if trouble.mend:
        lines.append(f"  mend:    {trouble.mend}")
    if trouble.rule and trouble.status is ExitStatus.REFUSED:
        accept = f"unsafe = [{{ rule = '{trouble.rule}', reason = '...' }}]"
        lines.append(f"  accept:  {accept} in [bridge.{trouble.bridge}]")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Approved:
    """A configuration that the gate lets through.

    Args:
        bridges: in the order of writing.
        verdicts: with which marks, one for each bridge.
        service: how the process behaves.
        paths: all files it was read from.
        referred: files that they refer to, which are watched too.
        digest: of what they say, to see whether another process read the same.
    """

    bridges: tuple[Bridge, ...]
    verdicts: tuple[Verdict, ...]
    service: ServiceSettings
    paths: tuple[str, ...]
    digest: str = ""
    referred: tuple[str, ...] = ()

    @property
    def by_name(self) -> dict[str, Bridge]:
        """The bridges by their names."""
        return {bridge.name: bridge for bridge in self.bridges}


class ConfigurationSource:
    """A file that can be read again and again, whatever the process's directory is.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        """Remember where it is from the root on."""
        self.path = os.path.abspath(path)
        self.folder = os.path.dirname(self.path)

    def read(self) -> Approved:
        """Read, build and judge everything; open nothing.

        Raises:
            ConfigurationError: with every problem of all files.
            RehearsalError: with every trouble of every bridge.
            CatflapError: a file cannot be read, or an acceptance has lapsed.
        """
        configuration = load(self.path, [rule.slug for rule in RULES])
        return approve(configuration)

    def says_other_than(self, approved: Approved) -> bool:
        """Return whether the files are others by now, as far as they can still be read."""
        if any(privileges_of(bridge) is not None for bridge in approved.bridges):
            return False
        try:
            return _digest(load(self.path, [rule.slug for rule in RULES])) != approved.digest
        except ConfigurationError:
            return True
        except CatflapError:
            return False


def _digest(configuration: Configuration) -> str:
    return hashlib.sha256("\0".join(configuration.texts).encode()).hexdigest()


def approve(configuration: Configuration) -> Approved:
    """Judge what was read; every finding of every bridge is told at once.

    Raises:
        RehearsalError: with every trouble of every bridge.
        RefusedError: an acceptance has lapsed.
        UsageError: bridges want what one service cannot give.
    """
    rehearsal = rehearse(configuration)
    if rehearsal.status is not ExitStatus.OK:
        raise RehearsalError(rehearsal)
    _check_silence(configuration.bridges)
    verdicts: list[Verdict] = []
    refusals: list[str] = []
    for bridge in configuration.bridges:
        try:
            verdicts.append(judge(bridge))
        except RefusedError as error:
            refusals.append(f"in [bridge.{bridge.name}]: {error.message}")
    if refusals:
        raise RefusedError("\n\n".join(refusals))
    return Approved(
        configuration.bridges,
        tuple(verdicts),
        configuration.service,
        configuration.paths,
        _digest(configuration),
        configuration.referred,
    )


def _check_silence(bridges: tuple[Bridge, ...]) -> None:
    """Refuse an option that would end the other bridges as well."""
    if len(bridges) < 2:
        return
    for bridge in bridges:
        first = bridge.first
        if isinstance(first, Side) and first.last("accept-timeout") is not None:
            message = f"accept-timeout in [bridge.{bridge.name}] would end the other bridges too"
            raise UsageError(message, hint="leave it out, or give that bridge a service of its own")
