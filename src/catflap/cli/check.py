"""``catflap check``: is the configuration fit to start; nothing is opened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from catflap.bridge.file.load import FlawedError, load
from catflap.core.errors import ExitStatus
from catflap.rules.registry import RULES

if TYPE_CHECKING:
    from catflap.bridge.file.load import Configuration
    from catflap.bridge.file.problems import FileProblem
    from catflap.bridge.model import Bridge
    from catflap.service.rehearsal import Rehearsal, Trouble

__all__ = ("check",)

_EPILOG = """\b
Examples:
  catflap check catflap.toml          every problem at once, each with file, line and column
  catflap check --json catflap.toml   the same for a program

Exit status: 0 fit to start, 1 FILE cannot be read, 2 something in it is wrong or not there, 4 the
gate would refuse.
"""


@click.command(epilog=_EPILOG)
@click.argument("file", default="catflap.toml", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Problems and bridges as one JSON object.")
def check(file: str, *, as_json: bool) -> int:
    """Build everything that FILE describes, open nothing, tell every problem."""
    from catflap.service.rehearsal import Rehearsal, Trouble, rehearse

    problems: tuple[FileProblem, ...] = ()
    try:
        configuration = load(file, [rule.slug for rule in RULES])
        rehearsal = rehearse(configuration)
    except FlawedError as error:
        configuration = error.sound
        rehearsal = rehearse(configuration, error.ends)
        problems = error.problems  # type: ignore[assignment]
    told = [Trouble(each, ExitStatus.USAGE, "") for each in problems]
    # Warnings wait until the file is right: what they are about may change with it.
    further = [each for each in rehearsal.troubles if not told or each.status is not ExitStatus.OK]
    troubles = (*told, *further)
    rehearsal = Rehearsal(
        tuple(sorted(troubles, key=lambda each: (each.problem.path, each.problem.span)))
    )
    status = rehearsal.status
    if status is ExitStatus.FAILURE:
        # A start would try, and fail by what the machine says; here the file is on trial.
        status = ExitStatus.USAGE
    if as_json:
        _tell_json(configuration, rehearsal, status)
    else:
        _tell(configuration, rehearsal)
    return status


def _tell(configuration: Configuration, rehearsal: Rehearsal) -> None:
    from catflap.service.source import told

    for trouble in rehearsal.troubles:
        prefix = "warning: " if trouble.status is ExitStatus.OK else ""
        click.echo(prefix + told(trouble), err=True)
    bad = {each.bridge for each in rehearsal.troubles if each.status is not ExitStatus.OK}
    for bridge in configuration.bridges:
        if bridge.name not in bad:
            click.echo(_summary(bridge))


def _summary(bridge: Bridge) -> str:
    """Return one line that says what was understood."""
    first, second = (_end(end) for end in (bridge.first, bridge.second))
    facts = [f"{first} -> {second}"]
    policy = bridge.policy
    if policy.networks is not None:
        facts.append(f"allow {_count(len(policy.networks), 'network')}")
    if policy.identities is not None:
        facts.append(_count(len(policy.identities), "identity"))
    if policy.hours is not None:
        facts.append("hours " + ", ".join(stretch.text for stretch in policy.hours))
    if bridge.accepted:
        facts.append("accepts " + ", ".join(each.rule for each in bridge.accepted))
    return f"{bridge.name}: {'; '.join(facts)}"


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _end(end: Any) -> str:
    from catflap.bridge.model import DualSide
    from catflap.rules.telling import label

    if isinstance(end, DualSide):
        return f"{label(end.read)}!!{label(end.write)}"
    text = label(end)
    if end.listens and end.is_internet:
        text += f" on {', '.join(end.bind_hosts.value)}"
    return text


def _tell_json(configuration: Configuration, rehearsal: Rehearsal, status: ExitStatus) -> None:
    told = {
        "status": int(status),
        "problems": [_trouble(each) for each in rehearsal.troubles],
        "bridges": [bridge.name for bridge in configuration.bridges],
    }
    click.echo(json.dumps(told, indent=2))


def _problem(problem: FileProblem) -> dict[str, Any]:
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "expected": problem.expected,
        "nearest": problem.nearest,
    }


def _trouble(trouble: Trouble) -> dict[str, Any]:
    return {
        **_problem(trouble.problem),
        "bridge": trouble.bridge,
        "rule": trouble.rule,
        "mend": trouble.mend,
        "status": int(trouble.status),
    }
