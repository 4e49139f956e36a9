"""``catflap up``: every bridge of a configuration in one service."""

from __future__ import annotations

from typing import Any

import click

from catflap.cli.durations import SECONDS
from catflap.events.model import Level

__all__ = ("up",)

_EPILOG = """\b
Examples:
  catflap up catflap.toml              every bridge in one service
  catflap up --workers 4 catflap.toml  in four processes
  catflap reload                       read the file again; so do SIGHUP and a change of it

Exit status: 0 drained, 1 failed, 2 the configuration is wrong, 4 refused as unsafe, 128+n ended by
signal n with sessions cut off.
"""


@click.command(epilog=_EPILOG, context_settings={"max_content_width": 100})
@click.argument("file", default="catflap.toml", type=click.Path())
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that serve (1).")
@click.option(
    "--drain-timeout",
    "--drain",
    "drain",
    type=SECONDS,
    help="After SIGTERM, sessions have so long (30s).",
)
@click.option(
    "--log",
    type=click.Choice(["stderr", "syslog", "journald", "none"]),
    help="Where events go, unless --log-file says (stderr).",
)
@click.option("--log-file", metavar="FILE", type=click.Path(), help="Append events to a file.")
@click.option(
    "--log-format",
    type=click.Choice(["human", "json"]),
    help="How an event is written: a line for people, or a JSON object (human).",
)
@click.option(
    "--log-level",
    type=click.Choice([level.value for level in Level]),
    help="The least level told (info).",
)
@click.option(
    "--log-full",
    type=click.Choice(["refuse", "drop"]),
    help="When denials can no longer be written: refuse new sessions, or go on (refuse).",
)
@click.option("--state", metavar="DIR", help="The directory of the control socket.")
@click.option(
    "--metrics",
    metavar="WHERE",
    help="Serve metrics and health there: unix:PATH, or HOST:PORT on loopback.",
)
def up(file: str, **said: Any) -> int:
    """Run every bridge of FILE in one service; what is said here comes before the file.

    The file is read again on SIGHUP, on a change, and on catflap reload: bridges are added,
    drained or replaced, and a file that is wrong changes nothing.
    """
    from catflap.service.up import Overrides, run_configuration

    return run_configuration(file, Overrides(**said))
