"""What setsockopt(2) is handed: values of options packed as the kernel wants them.

Sources: ip(7) for struct ip_mreqn and ip_mreq_source, ipv6(7), RFC 3678 for group_source_req,
socket(7) for linger and timeval.
"""

from __future__ import annotations

import math
import socket
import struct
from typing import TYPE_CHECKING

from catflap.address.rows import SocketForm
from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.address.values import Value

__all__ = ("INTERFACE_FORMS", "pack", "split_fields")

_STORAGE_BYTES = 128
"""Of struct sockaddr_storage (RFC 3493, section 3.10)."""

INTERFACE_FORMS = frozenset(
    {
        SocketForm.HOST,
        SocketForm.GROUP,
        SocketForm.SOURCE_GROUP,
        SocketForm.GROUP6,
        SocketForm.SOURCE_GROUP6,
    }
)
"""Forms that name interfaces or hosts: they are packed when the socket is made, not before."""


def pack(name: str, form: SocketForm, value: Value) -> int | bytes | None:
    """Return what an option's value is for the kernel; ``None`` leaves the option alone.

    Args:
        name: of the option, for messages.
        form: how it is packed.
        value: as :func:`catflap.address.values.read_named` gives it.

    Raises:
        OperationError: an interface or a host in it is not known.
    """
    if value is None:
        return None
    special = _TEXTS.get(form)
    if special is not None:
        return special(name, str(value))
    if form is SocketForm.STRING:
        return str(value).encode() + b"\0"
    if form is SocketForm.BINARY:
        return value if isinstance(value, bytes) else b""
    number = float(value) if isinstance(value, int | float) else 0.0
    packer = _NUMBERS.get(form)
    return int(number) if packer is None else packer(number)


def _timeval(seconds: float) -> bytes:
    fraction, whole = math.modf(seconds)
    return struct.pack("ll", int(whole), int(fraction * 1e6))


def _linger(seconds: float) -> bytes:
    return struct.pack("ii", 1, int(seconds))


def _byte(number: float) -> bytes:
    return struct.pack("B", int(number))


def split_fields(text: str) -> list[str]:
    """Split at colons that are not inside brackets; the brackets of an IPv6 address go."""
    fields: list[str] = []
    field = ""
    inside = False
    for char in text:
        if char == ":" and not inside:
            fields.append(field)
            field = ""
            continue
        inside = char == "[" or (inside and char != "]")
        field += char
    fields.append(field)
    return [each[1:-1] if each[:1] == "[" and each[-1:] == "]" else each for each in fields]


def _host4(name: str, text: str) -> bytes:
    try:
        return socket.inet_pton(socket.AF_INET, text)
    except OSError:
        pass
    try:
        found = socket.getaddrinfo(text, None, socket.AF_INET, socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        message = f"{name}: {text} is no IPv4 address of a host or interface"
        raise OperationError(message, "ip -4 address shows those of this host") from error
    return socket.inet_pton(socket.AF_INET, str(found[0][4][0]))


def _group6(name: str, text: str) -> bytes:
    try:
        return socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except OSError as error:
        message = f"{name}: {text} is no IPv6 address"
        raise OperationError(message, "brackets keep its colons together: [ff02::1]") from error


def _index(name: str, text: str) -> int:
    """Return the index of an interface given by name or number."""
    if text.isdigit():
        return int(text)
    try:
        return socket.if_nametoindex(text)
    except OSError as error:
        message = f"{name}: there is no interface {text}"
        raise OperationError(message, "ip link shows the interfaces") from error


def _is_address(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, text)
    except OSError:
        return False
    return True


def _interface_host(name: str, text: str) -> bytes:
    """Return struct ip_mreqn of an interface by its address or name, for IP_MULTICAST_IF."""
    if _is_interface(text):
        return struct.pack("@4s4si", b"", b"", socket.if_nametoindex(text))
    return _host4(name, text)


def _is_interface(text: str) -> bool:
    return any(text == known for _, known in socket.if_nameindex())


def _group(name: str, text: str) -> bytes:
    """Return struct ip_mreqn from GROUP:INTERFACE or GROUP:ADDRESS:INTERFACE."""
    fields = split_fields(text)
    _demand(name, fields, {1, 2, 3}, "GROUP:INTERFACE or GROUP:ADDRESS:INTERFACE")
    group, *where = fields
    address, index = bytes(4), 0
    if len(where) == 2:
        address, index = _host4(name, where[0]), _index(name, where[1])
    elif where and (_is_address(where[0]) or not (where[0].isdigit() or _is_interface(where[0]))):
        address = _host4(name, where[0])
    elif where:
        index = _index(name, where[0])
    return struct.pack("@4s4si", _host4(name, group), address, index)


def _source_group(name: str, text: str) -> bytes:
    """Return struct ip_mreq_source from GROUP:ADDRESS:SOURCE."""
    fields = split_fields(text)
    _demand(name, fields, {3}, "GROUP:ADDRESS:SOURCE")
    group, interface, source = (_host4(name, field) for field in fields)
    return group + interface + source


def _join6(name: str, text: str) -> bytes:
    """Return struct ipv6_mreq from [GROUP]:INTERFACE."""
    fields = split_fields(text)
    _demand(name, fields, {1, 2}, "[GROUP]:INTERFACE")
    index = _index(name, fields[1]) if len(fields) == 2 else 0
    return struct.pack("@16sI", _group6(name, fields[0]), index)


def _source_group6(name: str, text: str) -> bytes:
    """Return struct group_source_req from [GROUP]:INTERFACE:[SOURCE]."""
    fields = split_fields(text)
    _demand(name, fields, {3}, "[GROUP]:INTERFACE:[SOURCE]")
    group, source = _storage6(name, fields[0]), _storage6(name, fields[2])
    return struct.pack("@I4x", _index(name, fields[1])) + group + source


def _storage6(name: str, text: str) -> bytes:
    """Return a struct sockaddr_storage that holds an IPv6 address without a port."""
    head = struct.pack("@HHI", socket.AF_INET6, 0, 0)
    return (head + _group6(name, text)).ljust(_STORAGE_BYTES, b"\0")


def _demand(name: str, fields: list[str], counts: set[int], expected: str) -> None:
    if len(fields) not in counts or not all(fields):
        message = f"{name}: {':'.join(fields)} is not {expected}"
        raise OperationError(message)


_NUMBERS: dict[SocketForm, Callable[[float], bytes]] = {
    SocketForm.TIMEVAL: _timeval,
    SocketForm.LINGER: _linger,
    SocketForm.BYTE: _byte,
}

_TEXTS: dict[SocketForm, Callable[[str, str], bytes]] = {
    SocketForm.HOST: _interface_host,
    SocketForm.GROUP: _group,
    SocketForm.SOURCE_GROUP: _source_group,
    SocketForm.GROUP6: _join6,
    SocketForm.SOURCE_GROUP6: _source_group6,
}
