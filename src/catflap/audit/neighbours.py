"""Certificates and keys that a file's commands name and that lie in the same tree."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from catflap.audit.git_index import is_tracked
from catflap.audit.ignore import repository_above
from catflap.survey.survey import look_at, named_files

if TYPE_CHECKING:
    from catflap.audit.judge import Look
    from catflap.bridge.model import Bridge
    from catflap.core.facts import FileFacts

__all__ = ("Neighbours", "look_from")


class Neighbours:
    """Looks at files that are named relative to a file's directory or to its repository's root.

    Nothing outside of the tree is opened, and no absolute path: what a file names there is meant
    for the machine that it will run on. A file that is not there is not told: it may be there
    then.
    """

    def __init__(self, file: str) -> None:
        """Take the path of the file whose commands are judged."""
        self._directory = os.path.dirname(os.path.abspath(file))

    @cached_property
    def _root(self) -> str:
        return repository_above(self._directory)

    def __call__(self, bridge: Bridge) -> dict[str, FileFacts]:
        """Return what is known about the files that a bridge names."""
        found: dict[str, FileFacts] = {}
        for name in named_files(bridge):
            path = self._place(name)
            if path:
                found[name] = self._facts(name, path)
        return found

    def _place(self, name: str) -> str:
        """Return where a file lies, links followed, or nothing."""
        if os.path.isabs(name) or "\0" in name:
            return ""
        bases = [self._directory]
        if self._root and self._root != self._directory:
            bases.append(self._root)
        top = os.path.realpath(self._root or self._directory)
        for base in bases:
            path = os.path.realpath(os.path.join(base, name))
            if path.startswith(f"{top.rstrip('/')}/") and os.path.isfile(path):
                return path
        return ""

    def _facts(self, name: str, path: str) -> FileFacts:
        facts = replace(look_at(path), path=name)
        if self._root and is_tracked(path, os.path.realpath(self._root)):
            return replace(facts, tracked=True, mode=None, owner=None)
        return facts


def look_from(directory: str, root: str = "/") -> Look:
    """Return what looks at the files as a process in a directory would see them."""

    def look(bridge: Bridge) -> dict[str, FileFacts]:
        found: dict[str, FileFacts] = {}
        for name in named_files(bridge):
            base = root if os.path.isabs(name) else directory
            path = os.path.join(base, name.lstrip("/"))
            found[name] = replace(look_at(path), path=name)
        return found

    return look
