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
        print(f"catflap {__version__}")  # noqa: T201 - the answer itself
        sys.exit(0)
    from catflap.cli.commands import invoke

    sys.exit(invoke(arguments))
