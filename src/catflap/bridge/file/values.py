"""From a value in the file to what it means, or to a problem with its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from catflap.address.networks import NetworkError, NetworkRule, parse_networks
from catflap.bridge.file.shape import LIMITS, Sort, find_key
from catflap.bridge.file.toml import Table, Value
from catflap.bridge.identities import PolicyError, parse_hours, parse_identity
from catflap.core.spans import Span, excerpt, nearest
from catflap.core.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.file.problems import Notes
    from catflap.bridge.file.shape import Key

__all__ = ("Fields", "read_fields", "within")


class _WrongError(Exception):
    """The value is not what the key takes."""


class Fields:
    """The keys of one table that could be read.

    Args:
        table: the table itself.
        values: by name, what each means.
    """

    def __init__(self, table: Table, values: dict[str, Any]) -> None:
        """Hold both."""
        self.table = table
        self.values = values

    def get(self, name: str, otherwise: Any = None) -> Any:
        """Return what a key means, else ``otherwise``."""
        return self.values.get(name, otherwise)

    def says(self, name: str) -> bool:
        """Whether a key is there and could be read."""
        return name in self.values

    def span(self, name: str) -> Span:
        """Return the place of a key's value, or of the table where it is not there."""
        entry = self.table.entries.get(name)
        return entry.value.span if entry is not None else self.table.span


def within(value: Value, start: int, end: int) -> Span:
    """Return the place in the file of a stretch of a string's text."""
    at, first, last = 0, None, None
    for piece in value.pieces():
        exact = piece.span.end - piece.span.start == len(piece.text)
        for offset in range(len(piece.text)):
            place = piece.span.start + offset if exact else piece.span.start
            if at == start:
                first = place
            if at == end - 1:
                last = place + 1 if exact else piece.span.end
            at += 1
    if first is None:
        first = value.span.end - 1
    return Span(first, max(first, last if last is not None else first))


def read_fields(table: Table, keys: tuple[Key, ...], notes: Notes, where: str) -> Fields:
    """Return what the keys of a table mean; what is wrong with them goes to ``notes``.

    Args:
        table: as it was read.
        keys: those that are known.
        notes: takes problems.
        where: names the table for people, such as ``[bridge.api]``.
    """
    known = {key.name: key for key in keys}
    values: dict[str, Any] = {}
    for name, entry in table.entries.items():
        key = known.get(name)
        if key is None:
            _note_unknown(name, entry.span, known, notes, where)
            continue
        try:
            values[name] = _read(key, entry.value, notes)
        except _WrongError as error:
            shown = f"{key.sort.value} {', '.join(key.choices)}".strip()
            notes.add(f"{name}: {error}" if str(error) else f"{name} is {_written(entry.value)}",
                      entry.value.span, shown)  # fmt: skip
    written = table.entries.keys() | table.broken | _misspelt(table, known)
    for key in keys:
        if key.is_required and key.name not in written:
            notes.add(f"{where} lacks {key.name}", table.span, f"{key.name} = {key.sort.value}")
    return Fields(table, values)


def _misspelt(table: Table, known: dict[str, Key]) -> set[str]:
    """Return the keys that are there under a wrong name, which was told: they are not missing."""
    return {nearest(name, known) for name in table.entries if name not in known}


def _written(value: Value) -> str:
    """Return what somebody wrote where something else belongs, short enough for a sentence."""
    if isinstance(value.data, list):
        return "a list"
    if isinstance(value.data, Table):
        return "a table"
    return excerpt(value.text[value.span.start : value.span.end])


def _note_unknown(name: str, span: Span, known: dict[str, Key], notes: Notes, where: str) -> None:
    home = "limits" if "limits" in known and find_key(LIMITS, name) else ""
    expected = f"{name} in {where[:-1]}.{home}]" if home else ""
    close = "" if home else nearest(name, known)
    notes.add(f"{where} has no key {name}", span, expected, close)


def _read(key: Key, value: Value, notes: Notes) -> Any:
    return _READERS[key.sort](key, value, notes)


def _text(_: Key, value: Value, __: Notes) -> str:
    if not isinstance(value.data, str):
        raise _WrongError
    if not value.data.strip():
        raise _WrongError("nothing is written there")
    if "\0" in value.data:
        raise _WrongError("a NUL character cannot be part of it")
    return value.data


def _value(key: Key, value: Value, notes: Notes) -> Value:
    _text(key, value, notes)
    return value


def _boolean(_: Key, value: Value, __: Notes) -> bool:
    if not isinstance(value.data, bool):
        raise _WrongError
    return value.data


def _choice(key: Key, value: Value, notes: Notes) -> str:
    text = _text(key, value, notes)
    if text not in key.choices:
        close = nearest(text, key.choices)
        raise _WrongError(f"{text} is none of them{f'; did you mean {close}?' if close else ''}")
    return text


def _number(key: Key, value: Value, _: Notes) -> float:
    if isinstance(value.data, bool) or not isinstance(value.data, int | float):
        raise _WrongError
    if not key.least <= value.data <= key.most:
        raise _WrongError(f"{value.data} is not between {key.least:.0f} and {key.most:.0f}")
    return value.data


def _count(key: Key, value: Value, notes: Notes) -> int:
    if not isinstance(value.data, int):
        raise _WrongError
    return int(_number(key, value, notes))


def _duration(key: Key, value: Value, notes: Notes) -> float:
    if isinstance(value.data, str):
        try:
            return parse_duration(value.data)
        except ValueError:
            raise _WrongError(f"{value.data!r} is no duration") from None
    return float(_number(key, value, notes))


def _rate(key: Key, value: Value, notes: Notes) -> int:
    if not isinstance(value.data, str):
        return _count(key, value, notes)
    try:
        return parse_size(value.data)
    except ValueError:
        raise _WrongError(f"{value.data!r} is no number of bytes") from None


def _date(_: Key, value: Value, __: Notes) -> date | datetime:
    if isinstance(value.data, datetime):
        return value.data if value.data.tzinfo else value.data.replace(tzinfo=UTC)
    if isinstance(value.data, date):
        return value.data
    if isinstance(value.data, str):
        try:
            return date.fromisoformat(value.data)
        except ValueError:
            raise _WrongError(f"{value.data!r} is no day") from None
    if isinstance(value.data, time):
        raise _WrongError("a time of day is no day")
    raise _WrongError


def _strings(value: Value) -> list[Value]:
    if isinstance(value.data, str):
        raise _WrongError("one text where a list is wanted")
    if not isinstance(value.data, list):
        raise _WrongError
    if not all(isinstance(each.data, str) for each in value.data):
        raise _WrongError("the list holds something that is no text")
    return list(value.data)


def _paths(_: Key, value: Value, __: Notes) -> list[Value]:
    return _strings(value)


def _networks(key: Key, value: Value, notes: Notes) -> tuple[NetworkRule, ...]:
    found: list[NetworkRule] = []
    for each in _strings(value):
        try:
            found.extend(parse_networks(f"[{each.data}]" if each.data else "[ ]"))
        except NetworkError as error:
            notes.add(f"{key.name}: {error}", each.span, "ADDRESS/BITS, perhaps with ! in front")
    return tuple(found)


def _listed(parse: Callable[[str], Any]) -> Callable[[Key, Value, Notes], tuple[Any, ...]]:
    def read(key: Key, value: Value, notes: Notes) -> tuple[Any, ...]:
        found = []
        for each in _strings(value):
            try:
                found.append(parse(str(each.data)))
            except PolicyError as error:
                said, expected = str(error), key.sort.value
                if said.startswith("expected "):
                    said, expected = f"{each.data!r} is not understood", said[len("expected ") :]
                notes.add(f"{key.name}: {said}", within(each, *error.at), expected)
        return tuple(found)

    return read


def _hours(key: Key, value: Value, notes: Notes) -> tuple[Value, ...]:
    _listed(parse_hours)(key, value, notes)
    return tuple(_strings(value))


def _table(_: Key, value: Value, __: Notes) -> Table:
    if not isinstance(value.data, Table):
        raise _WrongError
    return value.data


def _tables(key: Key, value: Value, notes: Notes) -> Table:
    table = _table(key, value, notes)
    for entry in table.entries.values():
        if not isinstance(entry.value.data, Table):
            expected = f"[{key.name}.{entry.name}]"
            notes.add(f"{key.name}.{entry.name} is no table", entry.value.span, expected)
    return table


def _table_list(_: Key, value: Value, __: Notes) -> list[Table]:
    if not isinstance(value.data, list) or not all(
        isinstance(each.data, Table) for each in value.data
    ):
        raise _WrongError
    return [each.data for each in value.data]


_READERS: dict[Sort, Callable[[Key, Value, Notes], Any]] = {
    Sort.ADDRESS: _value,
    Sort.BOOLEAN: _boolean,
    Sort.CHOICE: _choice,
    Sort.COUNT: _count,
    Sort.DATE: _date,
    Sort.DURATION: _duration,
    Sort.HOURS: _hours,
    Sort.IDENTITIES: _listed(parse_identity),
    Sort.NETWORKS: _networks,
    Sort.PATH: _text,
    Sort.PATHS: _paths,
    Sort.RATE: _rate,
    Sort.TABLE: _table,
    Sort.TABLES: _tables,
    Sort.TABLE_LIST: _table_list,
    Sort.TEXT: _text,
    Sort.NUMBER: _number,
}
