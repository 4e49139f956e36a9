"""The group of commands, each imported when it is called."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from catflap.cli.output import forget_output
from catflap.core.errors import CatflapError, ExitStatus, OperationError
from catflap.core.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("COMMANDS", "cli", "invoke")

COMMANDS = {
    "run": ("catflap.cli.run", "run", "Relay between two addresses, safely."),
    "init": ("catflap.cli.init", "init", "Write a catflap.toml to begin with."),
    "up": ("catflap.cli.up", "up", "Run every bridge of a file in one service."),
    "check": ("catflap.cli.check", "check", "Is a configuration fit to start? Opens nothing."),
    "why": ("catflap.cli.why", "why", "Would this peer be let in, and what would turn it?"),
    "status": ("catflap.cli.control", "status", "What is a running service, and what does it do?"),
    "sessions": ("catflap.cli.control", "sessions", "Which sessions live in it?"),
    "end": ("catflap.cli.control", "end", "End one of them."),
    "reload": ("catflap.cli.control", "reload", "Let it read its configuration again."),
    "audit": ("catflap.cli.audit", "audit", "Find unsafe commands wherever they are written."),
    "fix": ("catflap.cli.fix", "fix", "Mend unsafe commands where they are written."),
    "explain": (
        "catflap.cli.explain",
        "explain",
        "Explain an address, option, key or rule.",
    ),
    "list": ("catflap.cli.list", "list_", "List addresses, options or rules."),
    "demo": ("catflap.cli.demo", "demo", "Secure an API, attack it, show the traffic."),
    "fds": ("catflap.cli.fds", "fds", "What a process has open."),
    "proc": ("catflap.cli.proc", "proc", "What a process is and may do."),
    "completion": (
        "catflap.cli.completion",
        "completion",
        "Print the completion script of bash, zsh or fish.",
    ),
}
_RELAYS = frozenset({"run", "up"})
_EPILOG = """\b
Examples:
  catflap run TLS-LISTEN:8443,cert=srv.pem,cafile=ca.pem TCP:127.0.0.1:9000
  catflap run STDIO TLS:api.internal:8443,cert=me.pem,cafile=ca.pem
  catflap explain TLS-LISTEN
"""


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        del ctx
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        command: click.Command = getattr(importlib.import_module(row[0]), row[1])
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names, or say which one comes closest."""
        if args and args[0] not in COMMANDS:
            from catflap.cli.mistakes import no_such_command

            raise no_such_command(args[0], args, COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the table without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, row[2]) for name, row in COMMANDS.items()])


@click.command(cls=_Lazy, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="catflap", message="catflap %(version)s")
def cli() -> None:
    """A relay that speaks socat's language and is safe by default."""


def invoke(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status, with every error told on the standard error."""
    try:
        with _standard_streams(arguments):
            result = cli.main(args=list(arguments), prog_name="catflap", standalone_mode=False)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except (click.UsageError, click.Abort, CatflapError, OSError) as error:
        return _failed(error, arguments)
    return int(result) if isinstance(result, int) else ExitStatus.OK


@contextlib.contextmanager
def _standard_streams(arguments: Sequence[str]) -> Iterator[None]:
    """Give a command that tells something an output to tell it to, where it was started without.

    Relays are left out: what is closed there is an endpoint's own affair.
    """
    with contextlib.ExitStack() as stack:
        if arguments and arguments[0] not in _RELAYS and None in {sys.stdout, sys.stderr}:
            nothing = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
            stack.enter_context(contextlib.redirect_stdout(sys.stdout or nothing))
            stack.enter_context(contextlib.redirect_stderr(sys.stderr or nothing))
        yield


def _failed(error: Exception, arguments: Sequence[str]) -> int:
    """Tell an error as one of ours, and return its status."""
    if isinstance(error, click.Abort):
        return 130
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return ExitStatus.USAGE
    if isinstance(error, BrokenPipeError):
        forget_output()
        return ExitStatus.FAILURE
    if isinstance(error, click.UsageError):
        from catflap.cli.mistakes import mistake

        error = mistake(error, arguments)
    elif isinstance(error, OSError):
        forget_output()
        error = OperationError(_what_failed(error))
    if not isinstance(error, CatflapError):  # cannot happen: the caller catches no other
        raise error
    click.echo(f"{error.prefix}{error.render()}", err=True)
    return error.exit_status


def _what_failed(error: OSError) -> str:
    reason = error.strerror or str(error)
    try:
        os.getcwd()
    except OSError:
        return f"the working directory cannot be used: {reason}"
    if error.filename is None:
        return f"what was to be told could not be written: {reason}"
    return f"{printable(os.fsdecode(error.filename))} cannot be used: {reason}"
