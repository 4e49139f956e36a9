"""Settings of an audit: ``[audit]`` of catflap.toml, ``[tool.catflap.audit]`` of pyproject.toml."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from catflap.audit.ignore import patterns_of
from catflap.audit.suppression_rules import SUPPRESSION_RULES
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import Span, nearest, printable
from catflap.findings.finding import Severity
from catflap.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catflap.audit.ignore import Patterns

__all__ = ("LEVELS", "OFF", "Settings", "find_settings", "read_settings")

LEVELS: dict[str, Severity] = {str(level): level for level in Severity}
"""Severities by the words that settings and options use."""

OFF = "off"
"""What turns a rule off."""

_NAMES = ("catflap.toml", "pyproject.toml")
_KNOWN = ("exclude", "severity", "fail-on", "baseline")
_PLACE = re.compile(r"(?P<message>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end .*)\)")
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project has decided.

    Args:
        path: the file that says so, or nothing.
        excluded: paths that are left out, relative to the file's directory.
        severities: by rule; ``None`` turns the rule off.
        fail_on: the least severity that fails, if it says one.
        baseline: the baseline file, absolute, or nothing.
    """

    path: str = ""
    excluded: Patterns | None = None
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    fail_on: Severity | None = None
    baseline: str = ""


def find_settings(start: str) -> Settings:
    """Return the settings that hold for a path, the nearest above it.

    A file without a table of ours is passed by. Looking ends at the root of the repository: what
    lies above it belongs to somebody else.

    Raises:
        UsageError: the file is wrong.
    """
    at = os.path.abspath(start)
    if not os.path.isdir(at):
        at = os.path.dirname(at)
    while True:
        for name in _NAMES:
            path = os.path.join(at, name)
            if os.path.isfile(path):
                found = _read(path, asked=False)
                if found is not None:
                    return found
        above = os.path.dirname(at)
        if above == at or os.path.lexists(os.path.join(at, ".git")):
            return Settings()
        at = above


def read_settings(path: str) -> Settings:
    """Return the settings of a file that was asked for.

    Raises:
        OperationError: it cannot be read.
        UsageError: it is wrong.
    """
    return _read(path, asked=True) or Settings(path)


def _read(path: str, *, asked: bool) -> Settings | None:
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except OSError as error:
        message = f"{printable(path)} cannot be read: {error.strerror or error}"
        raise OperationError(message, "--isolated goes without settings") from None
    if not asked and b"audit" not in data:
        return None
    # Imported when there is something to read.
    import tomllib

    try:
        text = data.decode()
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{printable(path)}:{line}:1: is not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(_syntax(path, text, str(error))) from None
    return _Table(path, text, document).settings()


def _syntax(path: str, text: str, message: str) -> str:
    found = _PLACE.fullmatch(message)
    if found is None:
        return f"{printable(path)}:1:1: {printable(message)}"
    line = found["line"] or text.count("\n") + 1
    column = found["column"] or len(text) - text.rfind("\n")
    return f"{printable(path)}:{line}:{column}: {printable(found['message'])}"


class _Table:
    """The table of the auditor within a document, and how its mistakes are told."""

    def __init__(self, path: str, text: str, document: dict[str, Any]) -> None:
        self._path = path
        self._text = text
        ours = os.path.basename(path) != "pyproject.toml"
        self._prefix = ("audit",) if ours else ("tool", "catflap", "audit")
        self._document = document

    def settings(self) -> Settings | None:
        """Return what the table says; nothing when there is no such table."""
        table: Any = self._document
        for name in self._prefix:
            if not isinstance(table, dict) or name not in table:
                return None
            table = table[name]
        if not isinstance(table, dict):
            self._wrong_value((), "a table")
        for name in table:
            if name not in _KNOWN:
                self._unknown((name,), "setting", _KNOWN)
        return Settings(
            self._path,
            self._excluded(table),
            self._severities(table),
            self._fail_on(table),
            self._baseline(table),
        )

    def _excluded(self, table: dict[str, Any]) -> Patterns | None:
        found = table.get("exclude", [])
        if not isinstance(found, list):
            self._wrong_value(("exclude",), "a list of patterns as .gitignore has them")
        base = os.path.dirname(os.path.abspath(self._path))
        for number, pattern in enumerate(found):
            try:
                patterns_of([pattern], base)
            except (ValueError, TypeError, AttributeError):
                self._wrong_value(("exclude", str(number)), "a pattern as .gitignore has them")
        return patterns_of(found, base) if found else None

    def _severities(self, table: dict[str, Any]) -> dict[str, Severity | None]:
        said = table.get("severity", {})
        if not isinstance(said, dict):
            self._wrong_value(("severity",), 'a table such as {no-timeout = "low"}')
        slugs = [rule.slug for rule in (*RULES, *SUPPRESSION_RULES)]
        found: dict[str, Severity | None] = {}
        for rule, level in said.items():
            if rule not in slugs:
                self._unknown(("severity", rule), "rule", slugs)
            found[rule] = self._level(("severity", rule), level, OFF)
        return found

    def _fail_on(self, table: dict[str, Any]) -> Severity | None:
        if "fail-on" not in table:
            return None
        return self._level(("fail-on",), table["fail-on"])

    def _level(self, path: tuple[str, ...], level: object, *more: str) -> Severity | None:
        words = (*LEVELS, *more)
        if not isinstance(level, str) or level not in words:
            self._wrong_value(path, f"one of {', '.join(words)}", words, str(level))
        return LEVELS.get(str(level))

    def _baseline(self, table: dict[str, Any]) -> str:
        found = table.get("baseline", "")
        if not isinstance(found, str) or (not found and "baseline" in table):
            self._wrong_value(("baseline",), "the path of a file")
        base = os.path.dirname(os.path.abspath(self._path))
        return os.path.join(base, found) if found else ""

    def _unknown(self, path: tuple[str, ...], what: str, known: Iterable[str]) -> NoReturn:
        close = nearest(path[-1], known)
        hint = f"; did you mean {close}?" if close else f"; expected one of {', '.join(known)}"
        message = f"there is no {what} {printable(path[-1])}{hint}"
        raise UsageError(self._told(message, self._places().key(*self._prefix, *path)))

    def _wrong_value(
        self, path: tuple[str, ...], wanted: str, known: Iterable[str] = (), word: str = ""
    ) -> NoReturn:
        close = nearest(word, known)
        name = path[0] if path else self._prefix[-1]
        message = f"{name} must be {wanted}" + (f"; did you mean {close}?" if close else "")
        raise UsageError(self._told(message, self._places().value(*self._prefix, *path)))

    def _places(self) -> Any:
        # Imported for a mistake alone: the grammar costs 20 ms.
        from catflap.audit.toml_places import TomlPlaces

        return TomlPlaces(self._text)

    def _told(self, message: str, span: Span) -> str:
        line = self._text.count("\n", 0, span.start) + 1
        column = span.start - self._text.rfind("\n", 0, span.start)
        return f"{printable(self._path)}:{line}:{column}: {message}"
