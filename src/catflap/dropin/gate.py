"""Findings in the drop-in: told, not refused, unless ``CATFLAP_GATE=enforce``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.dropin.log import Grade
from catflap.findings.finding import Severity

if TYPE_CHECKING:
    from catflap.bridge.model import Bridge
    from catflap.dropin.log import SocatLog

__all__ = ("is_local", "tell_findings")

_LOCAL_PROGRAMS = frozenset({"STDIO", "STDIN", "STDOUT", "STDERR", "FD", "PIPE", "EXEC", "SYSTEM"})


def is_local(bridge: Bridge) -> bool:
    """Whether a bridge joins only what its user has already: streams and programs of his own."""
    return all(side.kind.name in _LOCAL_PROGRAMS for side in bridge.sides)


def tell_findings(bridge: Bridge, log: SocatLog, *, enforce: bool) -> None:
    """Judge a bridge before anything of it is opened; tell each finding in one line.

    High and critical ones are warnings, which are written by default; medium ones are notices. A
    bridge between streams and programs alone is judged only when findings refuse: scripts start
    it in loops, nobody else can reach it, and judging takes a third of the start.

    Raises:
        RefusedError: with ``enforce``, for high and critical findings (exit status 4).
    """
    if is_local(bridge) and not enforce:
        return
    if not log.shows(Grade.WARNING) and not enforce:
        return
    from catflap.service.gate import judge

    for finding in judge(bridge, enforce=enforce).warnings:
        grade = Grade.WARNING if finding.severity >= Severity.HIGH else Grade.NOTICE
        log.write(grade, f"catflap: {finding.rule} ({finding.severity}): {finding.message}")
