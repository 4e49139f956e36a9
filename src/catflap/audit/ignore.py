"""What git leaves out: ``.gitignore`` of each directory, ``.git/info/exclude`` (gitignore(5))."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathspec import GitIgnoreSpec

__all__ = ("Ignores", "Patterns", "patterns_of", "repository_above")

_NAME = ".gitignore"
_EXCLUDE = ".git/info/exclude"
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns in git's language, relative to a directory.

    Args:
        base: the directory, absolute.
        spec: as pathspec compiled them.
    """

    base: str
    spec: GitIgnoreSpec

    def says(self, path: str, *, directory: bool) -> bool | None:
        """Return whether the absolute path is left out; ``None`` when no pattern fits."""
        if self.base != "/" and not path.startswith(f"{self.base}/"):
            return None
        relative = path[len(self.base) :].lstrip("/") + "/" * directory
        return self.spec.check_file(relative).include


def patterns_of(lines: Iterable[str], base: str) -> Patterns:
    """Return compiled patterns.

    Raises:
        ValueError: one of them is none that git knows.
    """
    # Imported when there are patterns: it costs 45 ms, and a single file needs none.
    from pathspec import GitIgnoreSpec

    return Patterns(base, GitIgnoreSpec.from_lines(lines))


def repository_above(directory: str) -> str:
    """Return the nearest directory, this one or above it, that holds ``.git``, or nothing."""
    at = os.path.abspath(directory)
    while True:
        if os.path.lexists(os.path.join(at, ".git")):
            return at
        above = os.path.dirname(at)
        if above == at:
            return ""
        at = above


class Ignores:
    """The patterns that hold in a directory, those of the directories above included."""

    __slots__ = ("_stack",)

    def __init__(self, stack: tuple[Patterns, ...] = ()) -> None:
        """Take the patterns, the outermost first."""
        self._stack = stack

    @classmethod
    def above(cls, directory: str) -> Ignores:
        """Return what holds for an absolute directory by the repository that it is in."""
        root = repository_above(directory)
        if not root:
            return cls()
        found = cls(_read(os.path.join(root, _EXCLUDE), root))
        at = root
        inner = [part for part in os.path.relpath(directory, root).split(os.sep) if part != "."]
        for part in inner:
            found = found.within(at)
            at = os.path.join(at, part)
        return found

    def within(self, directory: str) -> Ignores:
        """Return the same with the patterns that the directory itself holds."""
        more = _read(os.path.join(directory, _NAME), directory)
        return Ignores((*self._stack, *more)) if more else self

    def leaves_out(self, path: str, *, directory: bool) -> bool:
        """Whether git leaves the absolute path out; the innermost pattern that fits decides."""
        for patterns in reversed(self._stack):
            said = patterns.says(path, directory=directory)
            if said is not None:
                return said
        return False


def _read(path: str, base: str) -> tuple[Patterns, ...]:
    try:
        # A FIFO of this name would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ()
    with os.fdopen(descriptor, "rb") as file:
        try:
            text = file.read(_LARGEST)
        except OSError:
            return ()
    return _compiled((text or b"").decode("utf-8", "surrogateescape").splitlines(), base)


def _compiled(lines: list[str], base: str) -> tuple[Patterns, ...]:
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    if not lines:
        return ()
    try:
        return (patterns_of(lines, base),)
    except ValueError:
        # git takes no notice of a line that it does not understand, and of no other.
        kept = [line for line in lines if _is_pattern(line)]
        return (patterns_of(kept, base),) if kept else ()


def _is_pattern(line: str) -> bool:
    try:
        patterns_of([line], "/")
    except ValueError:
        return False
    return True
