"""``--limit NAME=VALUE``: the limits of the file, by the same names, on a command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from catflap.bridge.file.shape import LIMITS, Key, Sort, find_key
from catflap.core.spans import nearest
from catflap.core.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.bridge.limits import Limits

__all__ = ("LimitError", "with_limits")

_BOOLEANS = {"true": True, "false": False}


class LimitError(ValueError):
    """A word is no limit; the message says what would be."""


def with_limits(limits: Limits, words: Iterable[str]) -> Limits:
    """Return limits with those that were said over them; the last of a name counts.

    Args:
        limits: what holds otherwise.
        words: each ``NAME=VALUE``, with the names of ``[bridge.NAME.limits]``.

    Raises:
        LimitError: a name or a value is none.
    """
    for word in words:
        name, equals, text = word.partition("=")
        key = find_key(LIMITS, name)
        if key is None:
            known = tuple(each.name for each in LIMITS)
            close = nearest(name, known)
            hint = f"; did you mean {close}?" if close else f"; there are {', '.join(known)}"
            raise LimitError(f"{name or word!r} is no limit{hint}")
        if not equals:
            raise LimitError(f"{name} needs a value: {name}={key.sort.value}")
        limits = replace(limits, **{name.replace("-", "_"): _value(key, text.strip())})
    return limits


def _value(key: Key, text: str) -> Any:
    wanted = f"{key.name} is {key.sort.value}, not {text!r}"
    try:
        if key.sort is Sort.BOOLEAN:
            return _BOOLEANS[text]
        if key.sort is Sort.DURATION:
            return parse_duration(text)
        if key.sort is Sort.RATE:
            return parse_size(text)
        number = int(text) if key.sort is Sort.COUNT else float(text)
    except (ValueError, KeyError):
        raise LimitError(wanted) from None
    if not key.least <= number <= key.most:
        raise LimitError(f"{key.name} is between {key.least:g} and {key.most:g}")
    return number
