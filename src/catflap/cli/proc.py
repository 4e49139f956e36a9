"""``catflap proc``: what a process is and may do."""

from __future__ import annotations

import json
import sys

import click

from catflap.cli.wrapping import wrapped
from catflap.core.spans import printable
from catflap.survey.process import process_facts

__all__ = ("proc",)

_EPILOG = """\b
Examples:
  catflap proc               this process, as a child of whatever starts it would be
  catflap proc 4711 --json   another one, for a program
"""


@click.command(epilog=_EPILOG)
@click.argument("pid", type=click.IntRange(1), required=False)
@click.option("--json", "as_json", is_flag=True, help="One object.")
def proc(pid: int | None, *, as_json: bool) -> None:
    """Show identity, rights, limits and namespaces of a process."""
    found = process_facts(pid)
    if as_json:
        told = {
            "pid": found.pid,
            **found.facts,
            "limits": found.limits,
            "namespaces": found.namespaces,
        }
        click.echo(json.dumps(told, indent=2))
        return
    terminal = sys.stdout.isatty()
    click.echo(f"process {found.pid}")
    for name, value in found.facts.items():
        line = f"  {name:<18} {printable(value)}"
        # In a pipe a fact stays one line, for grep.
        click.echo(wrapped(printable(value), f"  {name:<18} ") if terminal and value else line)
    click.echo("limits (soft, hard)")
    for name, (soft, hard) in found.limits.items():
        click.echo(f"  {name:<22} {soft:>14} {hard:>14}")
    click.echo("namespaces")
    for name, number in found.namespaces.items():
        click.echo(f"  {name:<18} {number}")
