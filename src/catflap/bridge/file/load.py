"""A configuration from its files."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from catflap.bridge.file.build import Builder
from catflap.bridge.file.metrics_address import parse_metrics_address
from catflap.bridge.file.places import places_of
from catflap.bridge.file.problems import ConfigurationError, Notes
from catflap.bridge.file.shape import SERVICE, TOP
from catflap.bridge.file.toml import Table, read_toml
from catflap.bridge.file.values import read_fields
from catflap.core.errors import OperationError, UsageError
from catflap.core.reading import read_bounded
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.bridge.file.places import Place
    from catflap.bridge.file.problems import FileProblem
    from catflap.bridge.file.toml import Value
    from catflap.bridge.file.values import Fields
    from catflap.bridge.model import Bridge, DualSide
    from catflap.bridge.side import Side

__all__ = ("Configuration", "FlawedError", "ServiceSettings", "load")

_LARGEST = 4 * 1024 * 1024
_MARK = "\ufeff"
_LONGEST_NAME = 64
"""Bytes; every counter of a bridge bears its name, and what a counter is called has an end."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The process as a whole. Seconds; empty texts are defaults."""

    workers: int = 1
    drain: float = 30.0
    log: str = "stderr"
    log_file: str = ""
    log_format: str = "human"
    log_level: str = ""
    log_full: str = "refuse"
    state: str = ""
    metrics: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that the files say.

    Args:
        bridges: in the order of writing.
        paths: of all files it was read from, to be watched.
        texts: what they hold, in the same order; places of addresses point into these.
        referred: files whose line ``${file:...}`` brings in, and directories from which patterns
            include, to be watched as well.
    """

    bridges: tuple[Bridge, ...]
    service: ServiceSettings = field(default_factory=ServiceSettings)
    paths: tuple[str, ...] = ()
    texts: tuple[str, ...] = field(default=(), repr=False)
    referred: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The directory that paths in addresses are relative to: that of the first file."""
        return os.path.dirname(self.paths[0]) or "."

    def path_of(self, text: str) -> str:
        """Return the path of the file that an address was written in, by the file's text."""
        found = dict(zip(self.texts, self.paths, strict=False))
        return found.get(text, self.paths[0] if self.paths else "")


class FlawedError(ConfigurationError):
    """A configuration in which something is wrong, with what in it is not.

    Args:
        problems: of all files.
        sound: the bridges in which nothing is wrong.
        ends: of the other bridges, by their names, the ends in which nothing is.
    """

    def __init__(
        self,
        problems: tuple[FileProblem, ...],
        sound: Configuration,
        ends: tuple[tuple[str, Side | DualSide], ...],
    ) -> None:
        """Summarise it by the first problem."""
        super().__init__(problems[0].sentence(), problems)
        self.sound = sound
        self.ends = ends


def load(path: str, rules: Iterable[str]) -> Configuration:
    """Return the configuration of a file and what it includes.

    Args:
        path: of ``catflap.toml``; what it names is relative to its directory.
        rules: the names that ``unsafe`` may accept.

    Raises:
        FlawedError: with every problem of all files.
        OperationError: the file cannot be read.
    """
    loader = _Loader(tuple(rules))
    loader.take(Path(path), None)
    loader.build()
    loader.set_aside()
    texts = tuple(notes.text for notes in loader.notes)
    referred = dict.fromkeys(path for notes in loader.notes for path in notes.referred)
    sound = tuple(each for each in loader.bridges if each.name not in loader.flawed)
    configuration = Configuration(
        sound, loader.service, tuple(loader.paths), texts, tuple(referred)
    )
    if loader.problems:
        problems = tuple(sorted(loader.problems, key=lambda each: (each.path, each.span)))
        ends = tuple((name, end) for name, found in loader.flawed.items() for end in found)
        raise FlawedError(problems, configuration, ends)
    return configuration


class _Loader:
    def __init__(self, rules: tuple[str, ...]) -> None:
        self.bridges: list[Bridge] = []
        self.paths: list[str] = []
        self.service = ServiceSettings()
        self.flawed: dict[str, list[Side | DualSide]] = {}
        self._rules = rules
        self._files: list[tuple[Notes, Fields]] = []
        self._seen: set[Path] = set()
        self._names: dict[str, str] = {}
        self._defaults: Fields | None = None
        self._described = ""
        self._shares_whole = True

    @property
    def problems(self) -> list[FileProblem]:
        return [problem for notes, _ in self._files for problem in notes.found]

    @property
    def notes(self) -> list[Notes]:
        return [notes for notes, _ in self._files]

    def take(self, path: Path, included: tuple[Notes, Span] | None) -> None:
        """Read a file and those that it includes."""
        # Path.resolve() would raise at a link that leads to itself.
        resolved = Path(os.path.realpath(path))
        if resolved in self._seen:
            if included is not None:
                included[0].add(f"{path} is read already", included[1], "each file once")
            return
        self._seen.add(resolved)
        try:
            text, wrong = _read(path)
        except OperationError as error:
            if included is None:
                raise
            included[0].add(error.message, included[1], "a file that can be read")
            return
        self.paths.append(str(path))
        notes = Notes(str(path), text)
        if text.startswith(_MARK):
            message = "a byte order mark, which TOML does not know"
            notes.add(message, Span(0, 1), "a file saved without one")
            # In its place stands a space, so that the rest is read and every column is right.
            text = " " + text[1:]
        if wrong >= 0:
            notes.add("this is not UTF-8, as TOML is", Span(wrong, wrong + 1), "UTF-8")
        top = read_fields(read_toml(text, notes), TOP, notes, "the file")
        self._files.append((notes, top))
        for value in top.get("include", ()):
            self._include(path.parent, notes, value)

    def _include(self, folder: Path, notes: Notes, value: Value) -> None:
        """Read the files that a pattern matches."""
        pattern = str(folder / str(value.data))
        found = sorted(glob.glob(pattern))
        if glob.has_magic(pattern):
            # Files may come into it that match later, the first of them too.
            notes.referred.append(_folder_of(pattern))
        elif not found:
            notes.add(f"{value.data} is not there", value.span, "a file, or a pattern of files")
        for each in found:
            self.take(Path(each), (notes, value.span))

    def build(self) -> None:
        """Make everything that was read into bridges."""
        for notes, top in self._files:
            self._take_shared(notes, top)
        for notes, top in self._files:
            builder = Builder(notes, Path(notes.path).parent, self._defaults, self._rules)
            bridges: Table = top.get("bridge", Table(Span(0, 0)))
            for entry in bridges.entries.values():
                table = entry.value.data
                if not isinstance(table, Table) or not self._is_new(entry.name, entry.span, notes):
                    continue
                bridge = builder.bridge(entry, table)
                if bridge is not None:
                    self.bridges.append(bridge)
            self.flawed.update(builder.flawed)
        if not self._names and not self.problems:
            notes = self._files[0][0]
            notes.add("there is no bridge", Span(0, 0), "[bridge.NAME] with listen and connect")
        self._check_places()

    def set_aside(self) -> None:
        """Take no bridge for sound when what all bridges share is not."""
        if self._shares_whole:
            return
        for bridge in self.bridges:
            self.flawed.setdefault(bridge.name, [bridge.first, bridge.second])

    def _take_shared(self, notes: Notes, top: Fields) -> None:
        if "defaults" in top.values:
            if self._defaults is not None:
                message = "defaults are given in another file already"
                notes.add(message, top.span("defaults"), "one [defaults] for all files")
            else:
                before = len(notes.found)
                builder = Builder(notes, Path(notes.path).parent, None, self._rules)
                self._defaults = builder.defaults(top.get("defaults"))
                is_whole = self._defaults.table.is_whole and len(notes.found) == before
                self._shares_whole = self._shares_whole and is_whole
        if "service" in top.values:
            found = read_fields(top.get("service"), SERVICE, notes, "[service]")
            if self._described:
                message = f"the service is described in {self._described} already"
                notes.add(message, top.span("service"), "one [service] for all files")
            self._described = notes.path
            self._check_metrics(notes, found)
            names = {name.replace("-", "_"): value for name, value in found.values.items()}
            self.service = ServiceSettings(**names)

    def _check_metrics(self, notes: Notes, found: Fields) -> None:
        if "metrics" in found.values:
            try:
                parse_metrics_address(found.get("metrics"))
            except UsageError as error:
                notes.add(error.message, found.span("metrics"), error.hint)

    def _is_new(self, name: str, span: Span, notes: Notes) -> bool:
        where = f"{notes.path}:{notes.text.count(chr(10), 0, span.start) + 1}"
        before = self._names.setdefault(name, where)
        if before != where:
            notes.add(f"the bridge {name} is there already, at {before}", span, "another name")
        if not name:
            notes.add("a bridge without a name", span, "[bridge.NAME]")
        if len(name.encode()) > _LONGEST_NAME:
            notes.add("the name of a bridge is too long", span, f"at most {_LONGEST_NAME} bytes")
        return before == where

    def _check_places(self) -> None:
        """Two bridges cannot listen on one address or path; the second is told."""
        taken: dict[tuple[str, ...], list[tuple[Place, str]]] = {}
        for bridge in self.bridges:
            for side in bridge.listeners:
                for place in places_of(side):
                    near = taken.setdefault(place.group, [])
                    other = next((each for each in near if each[0].clashes(place)), None)
                    if other is None or other[1] == bridge.name:
                        near.append((place, bridge.name))
                        continue
                    notes = next(n for n, _ in self._files if n.text == side.source)
                    message = f"the bridge {other[1]} listens on {other[0]} already"
                    notes.add(message, side.span, place.mend)
                    self.flawed.setdefault(bridge.name, [])
                    break


def _folder_of(pattern: str) -> str:
    """Return the directory above everything that a pattern may match."""
    folder = os.path.dirname(pattern)
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)
    return folder or "."


def _read(path: Path) -> tuple[str, int]:
    """Return the text of a file, and where it is not UTF-8; -1 when it is."""
    try:
        data = read_bounded(path, _LARGEST)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        hint = "catflap init writes one to begin with"
        missing = isinstance(error, FileNotFoundError)
        raise OperationError(message, hint if missing else "") from error
    if len(data) > _LARGEST:
        message = f"{path} is larger than 4 MiB"
        raise OperationError(message)
    try:
        return data.decode().replace("\r\n", "\n"), -1
    except UnicodeDecodeError as error:
        sound = data[: error.start].decode().replace("\r\n", "\n")
        return data.decode(errors="replace").replace("\r\n", "\n"), len(sound)
