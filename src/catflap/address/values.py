"""What the values of options mean, by their type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.dalan import DalanError, read_dalan
from catflap.address.networks import NetworkError, parse_networks
from catflap.address.rows import ValueType
from catflap.core.units import parse_duration, parse_integer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("PROTOCOL_VERSIONS", "Value", "ValueProblem", "read_named", "read_names", "read_value")

Value = str | int | float | bool | bytes | tuple[object, ...] | None

PROTOCOL_VERSIONS = (
    "SSL2",
    "SSL3",
    "TLS1",
    "TLS1.0",
    "TLS1.1",
    "TLS1.2",
    "TLS1.3",
    "DTLS1",
    "DTLS1.2",
)
"""Versions that ``min-proto-version`` and ``max-proto-version`` name, oldest first."""

_FAMILIES = {
    **dict.fromkeys(("ip4", "ipv4", "inet", "inet4", "2"), "4"),
    **dict.fromkeys(("ip6", "ipv6", "inet6", "10"), "6"),
    **dict.fromkeys(("unspec", "ip", "0"), ""),
}

_CURRENT_VERSIONS = ("TLS1.2", "TLS1.3")
"""The ones worth proposing to somebody who misspelt one."""

_OCTAL = re.compile(r"[0-7]{1,12}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*\$?")


class ValueProblem(ValueError):  # noqa: N818 - a problem of the text, told with a place
    """A value is not of its type.

    Args:
        expected: what it should have been.
        choices: right spellings, when there are few.
        wrong: what is wrong, when that says more than the value itself.
        at: which part of the text is wrong, start and end, when it is not all of it.
    """

    def __init__(
        self,
        expected: str,
        choices: tuple[str, ...] = (),
        *,
        wrong: str = "",
        at: tuple[int, int] | None = None,
    ) -> None:
        """Keep what was expected, and where."""
        super().__init__(wrong or expected)
        self.expected = expected
        self.choices = choices
        self.wrong = wrong
        self.at = at


def _integer(low: int, high: int, expected: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        try:
            number = parse_integer(text)
        except ValueError:
            raise ValueProblem(expected) from None
        if not low <= number <= high:
            raise ValueProblem(f"{expected} from {low} to {high}")
        return number

    return read


def _boolean(text: str) -> Value:
    if text not in {"0", "1"}:
        try:
            return bool(parse_integer(text))
        except ValueError:
            raise ValueProblem("0 or 1") from None
    return text == "1"


def _seconds(text: str) -> Value:
    try:
        return parse_duration(text)
    except ValueError:
        raise ValueProblem("seconds, such as 10, 0.5, 500ms or 2m") from None


def _mode(text: str) -> Value:
    if not _OCTAL.fullmatch(text) or int(text, 8) > 0o7777:
        raise ValueProblem("an octal mode from 0 to 7777")
    return int(text, 8)


def _account(text: str) -> Value:
    if not _ACCOUNT.fullmatch(text):
        raise ValueProblem("a name or a number")
    return text


def _text(text: str) -> Value:
    return text


def _data(text: str) -> Value:
    try:
        return read_dalan(text)
    except DalanError as error:
        expected = "data such as x7f000001, i5 or 's1 b2'"
        at = (min(error.at, len(text)), len(text))
        raise ValueProblem(expected, wrong=str(error), at=at) from None


def _linger(text: str) -> Value:
    return _integer(0, 2**31 - 1, "seconds as a whole number")(text)


def _several(*readers: Callable[[str], Value]) -> Callable[[str], Value]:
    """Return a reader of values joined by colons; the last may hold colons itself."""
    count = len(readers)

    def read(text: str) -> Value:
        fields = text.split(":", count - 1)
        if len(fields) != count:
            raise ValueProblem(f"{count} values joined by colons")
        values: list[Value] = []
        start = 0
        for reader, field in zip(readers, fields, strict=True):
            try:
                values.append(reader(field))
            except ValueProblem as problem:
                at = (start, start + len(field))
                raise ValueProblem(problem.expected, wrong=problem.wrong, at=at) from None
            start += len(field) + 1
        return tuple(values)

    return read


def read_names(text: str) -> tuple[str, ...]:
    """Read names of environment variables: ``A``, ``A:B`` or ``[A,B]``.

    Raises:
        ValueProblem: one is not a name; it says which.
    """
    inside = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    start = len(text) - len(inside) - (inside is not text)
    expected = "names of environment variables, such as A or [A,B]"
    names = []
    for found in re.finditer("[^:,]+", inside):
        name = found.group().strip()
        if name and not _NAME.fullmatch(name):
            at = (found.start() + start, found.end() + start)
            raise ValueProblem(expected, wrong=f"{name} is not a variable's name", at=at)
        names.append(name)
    if not any(names):
        raise ValueProblem(expected)
    return tuple(name for name in names if name)


_INT = _integer(-(2**31), 2**32 - 1, "a whole number")
_UNSIGNED = _integer(0, 2**32 - 1, "a whole number")

_READERS: dict[ValueType, Callable[[str], Value]] = {
    ValueType.BOOL: _boolean,
    ValueType.BYTE: _integer(0, 255, "a whole number"),
    ValueType.GID_T: _account,
    ValueType.UID_T: _account,
    ValueType.INT: _INT,
    ValueType.INT_NULL: lambda text: None if not text else _INT(text),
    ValueType.UNSIGNED_INT: _UNSIGNED,
    ValueType.UNSIGNED_SHORT: _integer(0, 65535, "a whole number"),
    ValueType.LONG: _integer(-(2**63), 2**63 - 1, "a whole number"),
    ValueType.OFF_T: _integer(-(2**31), 2**31 - 1, "an offset in bytes"),
    ValueType.OFF64_T: _integer(-(2**63), 2**63 - 1, "an offset in bytes"),
    ValueType.SIZE_T: _integer(0, 2**63 - 1, "a number of bytes"),
    ValueType.MODE_T: _mode,
    ValueType.STRUCT_TIMEVAL: _seconds,
    ValueType.STRUCT_TIMESPEC: _seconds,
    ValueType.STRUCT_LINGER: _linger,
    ValueType.NAMES: read_names,
    ValueType.BIN: _data,
    ValueType.INT_BIN: _several(_INT, _data),
    ValueType.INT_INT: _several(_INT, _INT),
    ValueType.INT_INT_BIN: _several(_INT, _INT, _data),
    ValueType.INT_ULONG: _several(_INT, _integer(0, 2**64 - 1, "a whole number")),
    ValueType.INT_INTP: _several(_INT, _INT),
    ValueType.INT_STRING: _several(_INT, _text),
    ValueType.INT_INT_INT: _several(_INT, _INT, _INT),
    ValueType.INT_INT_STRING: _several(_INT, _INT, _text),
}

_ONE_WHEN_MISSING = frozenset(
    {
        ValueType.BOOL,
        ValueType.INT,
        ValueType.INT_NULL,
        ValueType.INT_3,
        ValueType.UNSIGNED_INT,
        ValueType.UNSIGNED_SHORT,
        ValueType.BYTE,
        ValueType.LONG,
        ValueType.OFF_T,
        ValueType.OFF64_T,
        ValueType.SIZE_T,
    }
)


def read_value(kind: ValueType, text: str | None) -> Value:
    """Read a value of a type; ``None`` is an option without ``=``.

    Raises:
        ValueProblem: the text is not of that type.
    """
    if kind is ValueType.CONST:
        if text is not None:
            raise ValueProblem("no value")
        return True
    if text is None:
        if kind is ValueType.BOOL:
            return True
        if kind in _ONE_WHEN_MISSING:
            return 1
        if kind is ValueType.STRING_NULL:
            return None
        raise ValueProblem("a value")
    reader = _READERS.get(kind)
    return reader(text) if reader is not None else text


def _range(text: str, name: str = "range") -> Value:
    try:
        return parse_networks(text)
    except NetworkError as error:
        expected = "ADDRESS/BITS, or a list such as [10.0.0.0/8,!10.9.0.0/16]"
        wrong = f"{name}: {error}"
        raise ValueProblem(expected, wrong=wrong, at=error.at) from None


def _proxies(text: str) -> Value:
    return text if text == "unix" else _range(text, "proxy-from")


def _proxy_version(text: str) -> Value:
    if text not in {"v1", "v2"}:
        raise ValueProblem("v1 or v2")
    return text


def _compression(text: str) -> Value:
    """Read what the C program takes; no library of ours compresses, whatever it is."""
    if text not in {"none", "auto"}:
        raise ValueProblem("none or auto", ("none", "auto"))
    return text


def _on_expiry(text: str) -> Value:
    if text not in {"end", "keep"}:
        raise ValueProblem("end or keep", ("end", "keep"))
    return text


def _version(text: str) -> Value:
    wanted = text.upper().removeprefix("OPENSSL-").replace("TLSV", "TLS")
    if wanted not in PROTOCOL_VERSIONS:
        raise ValueProblem("a version such as TLS1.2 or TLS1.3", _CURRENT_VERSIONS)
    return wanted


def _family(text: str) -> Value:
    family = _FAMILIES.get(text.lower())
    if family is None:
        raise ValueProblem("ip4 or ip6")
    return family


_NAMED: dict[str, Callable[[str], Value]] = {
    "range": _range,
    "proxy-from": _proxies,
    "send-proxy": _proxy_version,
    "on-expiry": _on_expiry,
    "openssl-compress": _compression,
    "openssl-min-proto-version": _version,
    "openssl-max-proto-version": _version,
    "protocol-family": _family,
    "max-children": _integer(1, 2**31 - 1, "a whole number"),
    "backlog": _integer(0, 2**31 - 1, "a whole number"),
    "escape": _integer(0, 255, "the code of a byte"),
    "tcp-keepidle": _integer(1, 32767, "seconds as a whole number"),
    "tcp-keepintvl": _integer(1, 32767, "seconds as a whole number"),
    "tcp-keepcnt": _integer(1, 127, "a whole number"),
}


def read_named(name: str, kind: ValueType, text: str | None) -> Value:
    """Read the value of the option ``name``, whose meaning may be narrower than its type.

    Raises:
        ValueProblem: the text is not what this option takes.
    """
    reader = _NAMED.get(name)
    if reader is not None and text is not None:
        return reader(text)
    return read_value(kind, text)
