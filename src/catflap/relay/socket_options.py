"""Socket options by their rows, packed once, applied to every socket."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING

from catflap.address.rows import Phase, SocketForm, SocketOption, ValueType
from catflap.address.values import ValueProblem, read_named
from catflap.core.errors import OperationError
from catflap.relay.socket_values import INTERFACE_FORMS, pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.address.model import Option
    from catflap.address.values import Value
    from catflap.bridge.side import Side

__all__ = ("SocketSetup", "socket_kind")

_BEFORE_CONNECT = Phase.CONNECT
_DEFAULT = "default"

Entry = tuple[int, int, "int | bytes | Callable[[], int | bytes | None]", str]
"""Level, number, the value or what makes it once the socket is there, and the option's name."""


def socket_kind(side: Side, kind: int) -> tuple[int, int]:
    """Return the second and third argument of socket(2), as ``so-type`` and ``so-protocol`` say.

    Args:
        side: the address.
        kind: the type, where nothing else is said.
    """
    flags = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    return side.number("so-type", kind).value | flags, side.number("so-protocol", 0).value


class SocketSetup:
    """What is to be set on a new socket, and what after it is connected.

    Args:
        side: whose options.
        defaults: (level, number, value) set before those of the side.
    """

    __slots__ = ("_early", "_late", "_mixed")

    def __init__(self, side: Side, defaults: tuple[tuple[int, int, int], ...] = ()) -> None:
        """Pack the values."""
        self._early: list[Entry] = []
        self._late: list[Entry] = []
        self._mixed = side.listens and len(side.bind_hosts.value) > 1
        said = set()
        for option in side.address.options:
            row = option.row
            if row is None or not isinstance(row.applies, SocketOption):
                continue
            entry = _entry(option, row.applies)
            if entry is None:
                continue
            said.add(entry[:2])
            (self._early if row.phase < _BEFORE_CONNECT else self._late).append(entry)
        for level, number, default in defaults:
            if (level, number) not in said:
                self._early.insert(0, (level, number, default, _DEFAULT))

    def __bool__(self) -> bool:
        """Whether there is anything to set."""
        return bool(self._early or self._late)

    @property
    def first(self) -> str:
        """The name of an option that is set, for messages; nothing where there is none."""
        return next((name for *_, name in (*self._early, *self._late)), "")

    def before(self, sock: socket.socket) -> None:
        """Apply to a socket that is neither bound nor connected.

        Raises:
            OperationError: the kernel refuses an option.
        """
        for entry in self._early:
            self._set(sock, entry)

    def after(self, sock: socket.socket) -> None:
        """Apply to a connected socket.

        Raises:
            OperationError: the kernel refuses an option.
        """
        for entry in self._late:
            self._set(sock, entry)

    def _set(self, sock: socket.socket, entry: Entry) -> None:
        level, number, packed, name = entry
        if self._mixed and level == socket.IPPROTO_IPV6 and sock.family == socket.AF_INET:
            # A listener on both versions of IP: what concerns IPv6 is for its other socket.
            return
        value = packed() if callable(packed) else packed
        if value is None:
            return
        try:
            sock.setsockopt(level, number, value)
        except OSError as error:
            _refused(name, error)


def _refused(name: str, error: OSError) -> None:
    """Raise for an option that somebody asked for; a default that cannot be is done without."""
    if name != _DEFAULT:
        message = f"the kernel refuses the option {name}: {error.strerror}"
        raise OperationError(message) from error


def _entry(option: Option, action: SocketOption) -> Entry | None:
    """Return what an option sets; ``None`` where its value says to leave things alone."""
    row = option.row
    if row is None:
        return None
    value = _read(option)
    if action.form is SocketForm.ANY:
        return _any(row.name, row.type, value)
    if action.form in INTERFACE_FORMS:
        return action.level, action.number, partial(pack, row.name, action.form, value), row.name
    packed = pack(row.name, action.form, value)
    return None if packed is None else (action.level, action.number, packed, row.name)


def _any(name: str, kind: ValueType, value: Value) -> Entry | None:
    """Return the entry of a generic option, whose value is LEVEL:NUMBER:DATA."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    level, number, data = value
    if not isinstance(level, int) or not isinstance(number, int):
        return None
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
        data += b"\0" if kind is ValueType.INT_INT_STRING else b""
    if isinstance(data, int):
        data = data - 2**32 if data >= 2**31 else data
    return level, number, data if isinstance(data, int | bytes) else b"", name


def _read(option: Option) -> Value:
    row = option.row
    if row is None:
        return None
    text = option.value.literal if option.value is not None else None
    try:
        return read_named(row.name, row.type, text)
    except ValueProblem as problem:
        raise OperationError(f"{row.name}: expected {problem.expected}") from problem
