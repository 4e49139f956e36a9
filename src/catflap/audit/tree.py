"""The files of a tree, in an order that is always the same."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.audit.ignore import Ignores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from catflap.audit.ignore import Patterns

__all__ = ("Found", "walk")

_NEVER = frozenset({".git", ".hg", ".svn", ".jj", ".bzr"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file.

    Args:
        path: as it was asked for, with ``/``.
        file: where it is opened.
        given: whether the caller named it, not a directory above it.
    """

    path: str
    file: str
    given: bool = False


@dataclass(frozen=True, slots=True)
class _Rules:
    """What is left out, and who hears of directories that cannot be read."""

    excluded: Patterns | None
    gitignore: bool
    trouble: Callable[[str, OSError], None]


def walk(
    paths: Sequence[str],
    *,
    excluded: Patterns | None = None,
    gitignore: bool = True,
    trouble: Callable[[str, OSError], None],
) -> Iterator[Found]:
    """Yield the files of some paths, each once.

    A file that is named is yielded whatever it is called and whatever leaves it out. Within a
    directory symbolic links are not followed: what they point at inside the tree is met anyway,
    and what is outside of it was not asked for.

    Args:
        paths: files and directories.
        excluded: patterns of the settings.
        gitignore: whether what git leaves out is left out.
        trouble: called for a path that cannot be looked at.
    """
    rules = _Rules(excluded, gitignore, trouble)
    seen: set[str] = set()
    for path in paths:
        for found in _of(path, rules):
            real = os.path.abspath(found.file)
            if real not in seen:
                seen.add(real)
                yield found


def _of(path: str, rules: _Rules) -> Iterator[Found]:
    if not os.path.isdir(path):
        yield Found(_shown(path), path, given=True)
        return
    absolute = os.path.abspath(path)
    ignores = Ignores.above(absolute) if rules.gitignore else Ignores()
    shown = _shown(path)
    yield from _inside(absolute, "" if shown == "." else shown, ignores, rules)


def _shown(path: str) -> str:
    """Return the path as findings name it: short, with ``/``."""
    return os.path.normpath(path).replace(os.sep, "/")


def _inside(top: str, shown: str, ignores: Ignores, rules: _Rules) -> Iterator[Found]:
    """Yield what a directory holds; a list of work, for a tree may be deeper than the stack."""
    work: list[tuple[str, str, Ignores] | Found] = [(top, shown, ignores)]
    while work:
        item = work.pop()
        if isinstance(item, Found):
            yield item
            continue
        directory, name, above = item
        found = _entries(directory, name, above, rules)
        found.reverse()
        work.extend(found)


def _entries(
    directory: str, shown: str, above: Ignores, rules: _Rules
) -> list[tuple[str, str, Ignores] | Found]:
    try:
        with os.scandir(directory) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        rules.trouble(shown or ".", error)
        return []
    ignores = above.within(directory) if rules.gitignore else above
    prefix = "" if not shown else shown if shown.endswith("/") else f"{shown}/"
    found: list[tuple[str, str, Ignores] | Found] = []
    for entry in entries:
        path = f"{directory.rstrip('/')}/{entry.name}"
        is_directory = entry.is_dir(follow_symlinks=False)
        if is_directory:
            if entry.name in _NEVER:
                continue
        elif not entry.is_file(follow_symlinks=False):
            continue
        if ignores.leaves_out(path, directory=is_directory) or _is_excluded(
            rules.excluded, path, directory=is_directory
        ):
            continue
        name = prefix + entry.name
        found.append((path, name, ignores) if is_directory else Found(name, path))
    return found


def _is_excluded(patterns: Patterns | None, path: str, *, directory: bool) -> bool:
    return patterns is not None and bool(patterns.says(path, directory=directory))
