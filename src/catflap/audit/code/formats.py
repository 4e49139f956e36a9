"""Placeholders of string formats: ``%s``, ``{}``, ``%[1]d``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.code.values import Text, fill
from catflap.audit.unwrap.layers import HELD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catflap.audit.code.values import Value

__all__ = ("braces", "percent")

_PERCENT = re.compile(r"%(?:\((\w+)\))?([-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:\[\d+\])?[a-zA-Z%])")
_BRACES = re.compile(r"\{\{|\}\}|\{([\w.\[\]]*)(![rsa])?(:[^{}]*)?\}")


def percent(text: Text, values: Sequence[Value], named: Mapping[str, Value] | None = None) -> Text:
    """Return a format of ``printf`` with what is known filled in.

    Args:
        text: the format.
        values: by position.
        named: by name, for ``%(name)s``.
    """
    position = -1

    def value_of(match: re.Match[str]) -> Text | str | None:
        nonlocal position
        if match[2] == "%":
            return "%"
        position += 1
        if match[1]:
            return _known((named or {}).get(match[1]), match, text)
        if match[2] not in {"s", "d", "v", "i"}:
            return None
        return _known(values[position] if position < len(values) else None, match, text)

    return fill(text, _PERCENT, value_of)


def braces(text: Text, values: Sequence[Value], named: Mapping[str, Value]) -> Text:
    """Return a format of Python's ``str.format`` with what is known filled in."""
    position = -1

    def value_of(match: re.Match[str]) -> Text | str | None:
        nonlocal position
        if match[1] is None:
            return match[0][0]
        field = match[1]
        if not field:
            position += 1
        if match[3] or match[2]:
            return None
        if not field or field.isdigit():
            at = position if not field else min(int(field[:6]), len(values))
            return _known(values[at] if at < len(values) else None, match, text)
        return _known(named.get(field), match, text)

    return fill(text, _BRACES, value_of)


def _is_held(value: Text) -> bool:
    """Whether a value is one unknown that is named after a relay, which its name tells."""
    return len(value.passage) == 1 and any(map(HELD.fullmatch, value.passage.holes.values()))


def _known(value: Value | None, match: re.Match[str], text: Text) -> Text | None:
    if not isinstance(value, Text) or (value.literal is None and not _is_held(value)):
        return None
    return value.used_at(text.passage.span(*match.span()))
