"""Errors that say whose fault it is, what to do, and with which status to end."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.core.spans import Problem

__all__ = (
    "CatflapError",
    "ExitStatus",
    "NoInputError",
    "OperationError",
    "RefusedError",
    "UsageError",
)


class ExitStatus(IntEnum):
    """Exit statuses, as documented in docs/reference/exit-codes.md; from 11 up the audit's."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    NO_INPUT = 3
    REFUSED = 4
    TO_DO = 10
    FOUND_INFO = 11
    FOUND_LOW = 12
    FOUND_MEDIUM = 13
    FOUND_HIGH = 14
    FOUND_CRITICAL = 15


class CatflapError(Exception):
    """Base of the errors that end a command with one clear line.

    Args:
        message: what went wrong, one line, no trailing full stop.
        hint: what the reader can do about it, one line, or nothing.

    ``place`` is set by whoever knows where the words stand that the message is about.
    """

    exit_status = ExitStatus.FAILURE
    prefix = "catflap: "

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the message and the hint apart, so that a caller can lay them out."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place: Problem | None = None

    def render(self) -> str:
        """Return the text for a person, without the program's name."""
        told = self.message if self.place is None else self.place.render()
        return f"{told}\n  hint: {self.hint}" if self.hint else told


class OperationError(CatflapError):
    """The request was fine; the machine, a file or a peer said no (status 1)."""


class NoInputError(CatflapError):
    """Nothing that was named could be looked at (status 3)."""

    exit_status = ExitStatus.NO_INPUT


class RefusedError(CatflapError):
    """The gate refused to start an unsafe bridge (status 4)."""

    exit_status = ExitStatus.REFUSED


class UsageError(CatflapError):
    """The words of the command or the configuration are wrong (status 2).

    Args:
        message: a summary, used when there are no problems to show.
        problems: every problem found, each with its place.
        hint: what the reader can do.
    """

    exit_status = ExitStatus.USAGE

    def __init__(self, message: str, problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        """Keep the problems; each renders with a caret under its place."""
        super().__init__(message, hint)
        self.problems = problems

    def render(self) -> str:
        """Return each problem with its source line and caret, then what the reader can do."""
        if not self.problems:
            return super().render()
        told = "\n".join(problem.render() for problem in self.problems)
        return f"{told}\n  hint: {self.hint}" if self.hint else told
