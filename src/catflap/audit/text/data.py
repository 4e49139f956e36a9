"""Values of JSON and TOML, looked at only where a relay is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from catflap.audit.text.lines import between
from catflap.audit.text.templates import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.passage import Passage
    from catflap.core.spans import Span

__all__ = ("Value", "decoded", "find", "string", "strings")

_ESCAPE = re.compile(
    r"\\u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})"
    r"|\\U([0-9A-Fa-f]{8})|\\x([0-9A-Fa-f]{2})|\\[ \t]*\r?\n\s*|\\(.)",
    re.DOTALL,
)
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "e": "\x1b"}


class Value(Protocol):
    """A value: a string, a list, a table, or something else."""

    @property
    def text(self) -> str:
        """What is written in the file."""

    @property
    def span(self) -> Span:
        """Where it is written, quotes included."""

    @property
    def passage(self) -> Passage | None:
        """What a string says; ``None`` for anything else."""

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""

    @property
    def is_table(self) -> bool:
        """Whether it has names and values."""

    def items(self) -> list[Value]:
        """Return the values of a list."""

    def entries(self) -> list[tuple[str, Value]]:
        """Return the names and values of a table."""


def find(value: Value, name: str) -> Value | None:
    """Return the entry of a table with this name, in any case."""
    if not value.is_table:
        return None
    wanted = name.lower()
    return next((each for key, each in value.entries() if key.lower() == wanted), None)


def string(value: Value | None, name: str) -> str:
    """Return what an entry of a table says, or nothing."""
    entry = find(value, name) if value is not None else None
    return entry.passage.text if entry is not None and entry.passage is not None else ""


def strings(value: Value | None) -> Iterator[Value]:
    """Give a string as one, or the strings of a list."""
    if value is None:
        return
    if value.passage is not None:
        yield value
    elif value.is_list:
        for item in value.items():
            if item.passage is not None:
                yield item


def decoded(inner: Passage) -> Passage:
    r"""Return what stands between quotes, escapes such as ``\n`` and ``\u0041`` decoded."""
    if "\\" not in inner.text:
        return inner
    return rewrite(inner, _ESCAPE, _meaning)


def _meaning(inner: Passage, found: re.Match[str]) -> Passage:
    high, low, short, long, byte, plain = found.groups()
    char = ""
    if high:
        char = chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    elif short or long or byte:
        code = int(short or long or byte, 16)
        char = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    elif plain:
        char = _PLAIN.get(plain, plain)
    return between(inner, char, found.start(), found.end())
