"""``catflap fds``: what a process has open."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from catflap.core.spans import printable
from catflap.survey.descriptors import Descriptor, descriptors_of

__all__ = ("fds",)

_EPILOG = """\b
Examples:
  catflap fds                what this command inherited
  catflap fds 4711 --json    another process's, for a program
"""


@click.command(epilog=_EPILOG)
@click.argument("pid", type=click.IntRange(1), required=False)
@click.option("--json", "as_json", is_flag=True, help="A list of objects.")
def fds(pid: int | None, *, as_json: bool) -> None:
    """Show the open descriptors of a process: kind, name, access, flags, the ends of sockets."""
    found = descriptors_of(pid)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
        return
    for each in found:
        click.echo(_line(each))


def _line(each: Descriptor) -> str:
    words = [f"{each.number:>4}  {each.kind:<9} {each.access:<10} {printable(each.name)}"]
    words += [f"{name}={printable(value)}" for name, value in each.details.items() if value]
    words += each.flags
    return "  ".join(words)
