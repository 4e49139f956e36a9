"""A command line in, findings out: what rules say, without a process."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.effective import Dialect
from catflap.bridge.invocation import read_invocation
from catflap.core.facts import Facts
from catflap.core.spans import Span
from catflap.core.surroundings import NOWHERE, Surroundings
from catflap.rules.registry import judge_bridge

if TYPE_CHECKING:
    from catflap.bridge.model import Bridge
    from catflap.findings.finding import Finding

__all__ = ("bridge_of", "bridge_to_run", "judge_line", "verdict_of")

_PINNED = re.compile(r"# of \S+:([\d.]+)$")


def bridge_of(line: str, surroundings: Surroundings = NOWHERE) -> Bridge:
    """Return the bridge of ``catflap run A B`` or ``socat A B``.

    What follows # is remark, of which ``# of IMAGE:VERSION`` pins the version, and
    ``# kept in a file`` says where the command stands. The words joined
    by blanks are the source that places point into.
    """
    words, at = [], 0
    texts = shlex.split(line, comments=True)
    for text in texts:
        words.append((Literal(text, Span(at, at + len(text))),))
        at += len(text) + 1
    pinned = _PINNED.search(line)
    if pinned is not None:
        surroundings = replace(surroundings, version=pinned[1])
    if line.endswith("# kept in a file"):
        surroundings = replace(surroundings, written=True)
    found = read_invocation(words, " ".join(texts), surroundings)
    assert found is not None, line
    assert found.bridge is not None, line
    return found.bridge


def bridge_to_run(line: str) -> Bridge:
    """Return the bridge that a command without flags starts; each address is its own source."""
    program, *words = shlex.split(line)
    dialect = Dialect.SOCAT if program == "socat" else Dialect.CATFLAP
    first, second = [word for word in words if word != "run"]
    return bridge_from_words(first, second, dialect=dialect)


def judge_line(
    line: str, facts: Facts | None = None, surroundings: Surroundings = NOWHERE
) -> list[Finding]:
    """Return what all rules say about a command line, worst first."""
    bridge = bridge_of(line, surroundings)
    return list(judge_bridge(bridge, facts if facts is not None else Facts()))


def verdict_of(
    line: str, facts: Facts | None = None, surroundings: Surroundings = NOWHERE
) -> dict[str, str]:
    """Return the severity of each finding by the rule's name."""
    return {
        finding.rule: str(finding.severity) for finding in judge_line(line, facts, surroundings)
    }
