"""An event as one line: for a person, or as a JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from catflap.core.spans import printable
from catflap.core.units import bytes_text, duration_text
from catflap.events.model import Certificate, Closed, Event, Level, Tls

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("FORMATS", "human_line", "json_line", "plain_fields")

_encoder = msgspec.json.Encoder()
_ONLY = "bridge"
"""The name of a bridge that was given by words: there is one, and no need to say which."""
_DURATIONS = frozenset({"connect", "duration", "handshake"})
_PLAIN = frozenset('="\\')
_TAILS = {level: f',"level":"{level}"}}\n'.encode() for level in Level}
_MARKS = {Level.INFO: "info ", Level.NOTICE: "note ", Level.WARNING: "warn ", Level.ERROR: "error"}


def json_line(event: Event) -> bytes:
    """Return the event as one JSON object and a line feed; control characters are escaped."""
    try:
        line = _encoder.encode(event)[:-1] + _TAILS[event.level]
    except UnicodeEncodeError:
        # Names of files and of UNIX sockets are bytes, and peers choose some of them.
        line = _encoder.encode(plain_fields(event))[:-1] + _TAILS[event.level]
    return line if line.isascii() else _escaped(line)


def plain_fields(event: Event) -> dict[str, Any]:
    """Return the fields of an event for JSON; bytes that are no UTF-8 are escaped."""
    return {name: _plain(value) for name, value in msgspec.to_builtins(event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _escaped(line: bytes) -> bytes:
    """Escape what JSON would let through to a terminal: C1 controls, bidirectional overrides."""
    return "".join(
        char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1]
        for char in line.decode()
    ).encode()


def human_line(event: Event) -> bytes:
    """Return the event as one line of ``key=value`` with whatever came from the wire escaped."""
    moment = event.time
    head = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d} {_MARKS[event.level]}"
    tag = event.__struct_config__.tag
    pieces = [head, str(tag)]
    for name, value in _fields(event):
        pieces.append(f"{name}={_value(value)}")
    return (" ".join(pieces) + "\n").encode("utf-8", "backslashreplace")


def _fields(event: Event) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, default in zip(event.__struct_fields__, _defaults(type(event)), strict=True):
        value = getattr(event, name)
        if name == "time" or value == default or (name == "bridge" and value == _ONLY):
            continue
        if isinstance(value, Certificate):
            far = "far_" if name.startswith("far") else ""
            found.append((f"{far}identity", value.subject))
            found.append((f"{far}names", ",".join(value.names)))
            found.append((f"{far}serial", value.serial))
            found.append((f"{far}expires", value.expires))
        elif isinstance(value, Tls):
            words = [value.version, value.cipher, value.group, "resumed" if value.resumed else ""]
            found.append((name, "/".join(word for word in words if word)))
        elif isinstance(event, Closed) and name in {"sent", "received"}:
            found.append((name, bytes_text(value).replace(" ", "")))
        elif name in _DURATIONS:
            found.append((name, duration_text(value)))
        else:
            found.append((name, value))
    return found


def _defaults(kind: type[Event]) -> tuple[object, ...]:
    missing = len(kind.__struct_fields__) - len(kind.__struct_defaults__)
    return (*([msgspec.NODEFAULT] * missing), *kind.__struct_defaults__)


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_value(item) for item in value)
    text = printable(str(value))
    if text and not any(char.isspace() or char in _PLAIN for char in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


FORMATS: dict[str, Callable[[Event], bytes]] = {"human": human_line, "json": json_line}
"""The formats of ``--log-format``."""
