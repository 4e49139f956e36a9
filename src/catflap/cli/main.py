"""The entry point: finds the command and turns errors into lines and statuses."""

from __future__ import annotations

import sys

from catflap import __version__

__all__ = ("main",)


def main() -> None:
    """Run the command that the arguments name, then exit with its status."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Answered before click is imported: scripts ask this in loops.
        sys.exit(_tell_version())
    from catflap.cli.commands import invoke

    sys.exit(invoke(arguments))


def _tell_version() -> int | str:
    """Return the status, or what went wrong: ``sys.exit`` tells that and ends with 1."""
    try:
        print(f"catflap {__version__}", flush=True)  # noqa: T201 - the answer itself
    except OSError as error:
        from catflap.cli.output import forget_output

        forget_output()
        return f"catflap: the version could not be written: {error.strerror}"
    return 0
