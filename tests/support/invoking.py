"""The command without a process: its exit status and what it wrote for a person."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from catflap.cli.commands import invoke

__all__ = ("Outcome", "invoke_here")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    status: int
    output: str
    errors: str


def invoke_here(*words: str) -> Outcome:
    """Run ``catflap`` with these words in this process, for commands that end by themselves."""
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        status = invoke(words)
    return Outcome(int(status), output.getvalue(), errors.getvalue())
