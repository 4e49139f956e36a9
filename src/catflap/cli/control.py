"""``catflap status``, ``sessions``, ``end`` and ``reload``: asking a service that runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from catflap.cli.completion import complete_session
from catflap.core.errors import UsageError
from catflap.core.spans import nearest, printable
from catflap.core.units import bytes_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ("end", "reload", "sessions", "status")

_state = click.option(
    "--state",
    metavar="DIR",
    default="",
    help="Where the service's state is ($STATE_DIRECTORY, else /var/lib/catflap for root and "
    "~/.local/state/catflap for others).",
)
_json = click.option("--json", "as_json", is_flag=True, help="As one JSON object.")


def _options(*options: Callable[..., Any]) -> Callable[..., Any]:
    def apply(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


def _ask(state: str, do: str, **fields: Any) -> dict[str, Any]:
    from catflap.service.client import ask

    answer = ask(state, do, fields)
    del answer["ok"], answer["catflap"]
    return answer


@click.command()
@_options(_state, _json)
def status(state: str, *, as_json: bool) -> None:
    """Show what a running service is and does."""
    answer = _ask(state, "status")
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    served, live = answer["served"], answer["sessions"]
    click.echo(
        f"catflap {answer['version']}, pid {answer['pid']}, {answer['state']} "
        f"since {answer['since']}: {live} live, {served} served"
    )
    for worker in answer["workers"]:
        told = f"{worker['sessions']} live, {worker['served']} served, {worker['state']}"
        click.echo(f"worker {worker['number']}: pid {worker['pid']}, {told}")
    rows = [
        (each["name"], ", ".join(each["on"]) or "-", each["to"], str(each["sessions"]))
        for each in answer["bridges"]
    ]
    _table(("BRIDGE", "LISTENS ON", "TO", "SESSIONS"), rows)


@click.command()
@click.option("--bridge", default="", help="Only those of this bridge.")
@click.option("--limit", type=click.IntRange(0), help="Show at most so many.")
@_options(_state, _json)
def sessions(bridge: str, limit: int | None, state: str, *, as_json: bool) -> None:
    """Show the live sessions of a running service."""
    fields: dict[str, Any] = {"bridge": bridge} if bridge else {}
    if limit is not None:
        fields["limit"] = limit
    answer = _ask(state, "sessions", **fields)
    if bridge and not answer["total"]:
        _check_bridge(state, bridge)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    rows = [
        (
            each["id"],
            each["bridge"],
            each["peer"],
            each["identity"],
            each["since"],
            bytes_text(each["sent"]),
            bytes_text(each["received"]),
        )
        for each in answer["sessions"]
    ]
    _table(("SESSION", "BRIDGE", "PEER", "IDENTITY", "SINCE", "SENT", "RECEIVED"), rows)
    if answer["total"] > len(rows):
        click.echo(f"{answer['total']} in all")


def _check_bridge(state: str, name: str) -> None:
    """See that there is such a bridge: nobody there, and nothing there, look alike.

    Raises:
        UsageError: there is none.
    """
    names = [each["name"] for each in _ask(state, "status")["bridges"]]
    if name not in names:
        close = nearest(name, names)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(names)}"
        raise UsageError(f"there is no bridge {printable(name)}", hint=hint)


@click.command()
@click.argument("session", shell_complete=complete_session)
@_state
def end(session: str, state: str) -> None:
    """End one SESSION of a running service, by its id."""
    _ask(state, "end", session=session)


@click.command()
@_state
def reload(state: str) -> None:
    """Let a running service read its configuration and its certificates again.

    What cannot be used changes nothing, and the status is 1.
    """
    click.echo(printable(_ask(state, "reload")["told"]))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows in columns; what came from peers is escaped."""
    shown = [head, *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(head))]
    for row in shown:
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
