"""``range=`` as the C program takes it, in the form that ours has: numbers alone.

The C program looks names up when it starts, and takes the address of a generic socket as raw
bytes. Both are turned into a numeric network before anything is judged, so that what is judged
is what runs.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import replace

from catflap.address.dalan import DalanError, read_dalan
from catflap.address.model import Address, Dual, Endpoint, Literal, Option, Word
from catflap.address.networks import NetworkError, numeric_host, parse_networks, split_host_port
from catflap.core.errors import UsageError

__all__ = ("with_numeric_ranges",)

_NUMBERS = re.compile(r"[\d.]+")
_AF_INET = 2
_PORT_BYTES = 2
_SHORTEST = _PORT_BYTES + 4
"""What a struct sockaddr_in holds after the family: the port and the address (ip(7))."""


def with_numeric_ranges(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with every range as numbers; what is no range is left as it is.

    Raises:
        UsageError: a name is not known, or raw bytes mask more than a host.
    """
    if isinstance(endpoint, Dual):
        return Dual(_numeric(endpoint.read), _numeric(endpoint.write), endpoint.span)
    return _numeric(endpoint)


def _numeric(address: Address) -> Address:
    if not any(option.canonical == "range" for option in address.options):
        return address
    return replace(address, options=tuple(_option(address, each) for each in address.options))


def _option(address: Address, option: Option) -> Option:
    if option.canonical != "range" or option.value is None:
        return option
    text = option.value.text
    try:
        parse_networks(text)
    except NetworkError:
        found = _from_bytes(text) if _is_generic_inet(address) else _from_name(text)
    else:
        return option
    place = option.value.span
    return replace(option, value=Word((Literal(found, place),), place)) if found else option


def _is_generic_inet(address: Address) -> bool:
    """Whether the address is a generic socket whose first parameter is AF_INET."""
    return address.name.startswith("SOCKET-") and address.parameters[0].text == str(_AF_INET)


def _from_name(text: str) -> str:
    """Return ``NAME:MASK``, ``NAME/BITS`` or ``NAME`` with the IPv4 address of the name."""
    host, slash, width = text.partition("/")
    mark, rest = "/", width
    if not slash:
        host, rest = split_host_port(text)
        mark = ":" if rest else ""
    if not host or host.startswith(("!", "[")):
        return ""
    if _NUMBERS.fullmatch(host) and numeric_host(host) is None:
        # The resolver would take 1.2.3 for 1.2.0.3, which nobody means by it.
        message = f'"{host}" of range={text} is no IPv4 address; expected four numbers'
        raise UsageError(message if rest else f"missing netmask delimiter: {message}")
    if host.lower() == "localhost":
        # RFC 6761, section 6.3: no name server is asked for it.
        return f"127.0.0.1{mark}{rest}"
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = f"range: the host {host} is not known: {getattr(error, 'strerror', error)}"
        raise UsageError(message) from error
    return f"{found[0][4][0]}{mark}{rest}"


def _from_bytes(text: str) -> str:
    """Return the network of an address of AF_INET and its mask, both raw bytes."""
    address, colon, mask = text.partition(":")
    if not colon:
        return ""
    try:
        numbers = [read_dalan(each)[:_SHORTEST].ljust(_SHORTEST, b"\0") for each in (address, mask)]
    except DalanError:
        return ""
    if any(number[:_PORT_BYTES] != bytes(_PORT_BYTES) for number in numbers):
        message = f"range: {text} asks for a port; here a range is one of hosts (sourceport=PORT)"
        raise UsageError(message)
    host, bits = (ipaddress.IPv4Address(number[_PORT_BYTES:]) for number in numbers)
    return f"{host}:{bits}"
