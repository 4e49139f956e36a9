"""Numeric hosts, and lists of networks: ``range=[10.0.0.0/8,!10.9.0.0/16,fd00::/8]``."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

__all__ = (
    "NetworkError",
    "NetworkRule",
    "numeric_host",
    "parse_networks",
    "parse_rule",
    "split_host_port",
)

_MAPPED_BITS = 96
"""Length of ``::ffff:0:0/96``, in which IPv6 holds IPv4 (RFC 4291, section 2.5.5.2)."""


class NetworkError(ValueError):
    """A network is not written as one; the message says what is wrong.

    Args:
        index: which entry of a list, from 0.
        at: where the entry stands in the text, start and end.
    """

    def __init__(self, message: str, index: int = 0, at: tuple[int, int] | None = None) -> None:
        """Keep the position within a list."""
        super().__init__(message)
        self.index = index
        self.at = at


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """One entry of a list: addresses whose masked value is ``value`` are allowed or denied.

    Args:
        bits: 32 or 128.
        value: the network's address as a number, host bits zero.
        mask: the netmask as a number.
        prefix: length of the netmask when it is contiguous, else -1.
        denies: whether a match is a no.
        text: as written.
    """

    bits: int
    value: int
    mask: int
    prefix: int
    denies: bool
    text: str


def split_host_port(text: str) -> tuple[str, str]:
    """Split ``host``, ``host:port``, ``[v6]:port`` or a bare v6 address; missing parts are empty.

    What follows ``]`` without a colon comes back with the port, so that it is seen to be wrong.
    """
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":")
    if text.count(":") > 1:
        return text, ""
    host, _, port = text.partition(":")
    return host, port


@lru_cache(maxsize=1024)
def numeric_host(text: str) -> tuple[int, int] | None:
    """Return (bits, number) of a literal address, v4-mapped ones as v4; ``None`` if it is a name.

    IPv6 may stand in brackets and name an interface after ``%``.
    """
    bracketed = text.startswith("[") and text.endswith("]")
    bare = text[1:-1] if bracketed else text
    if bracketed and ":" not in bare:
        return None
    address = _address(bare.partition("%")[0] if ":" in bare else bare)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return (address.max_prefixlen, int(address)) if address is not None else None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def parse_rule(text: str) -> NetworkRule:
    """Read ``ADDR``, ``ADDR/BITS``, ``ADDR:MASK`` or ``[V6]/BITS``, each with ``!`` to deny.

    Raises:
        NetworkError: not a network.
    """
    shown = text.strip()
    denies = shown.startswith("!")
    body = shown.removeprefix("!").strip()
    if not body:
        message = "an entry is empty"
        raise NetworkError(message)
    host, slash, width = body.rpartition("/")
    if not slash:
        host = body
        head, colon, mask = body.partition(":")
        if colon and "." in head:
            return _masked(head, mask, denies=denies, text=shown)
    bracketed = host.startswith("[") and host.endswith("]")
    address = _address(host[1:-1] if bracketed else host)
    if address is None or "%" in host or (bracketed and address.version == 4):
        message = f"{host} is not a numeric address"
        raise NetworkError(message)
    bits = address.max_prefixlen
    prefix = _prefix(width, bits) if slash else bits
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        # A peer that arrives mapped is judged as IPv4, so its network must be one too.
        if prefix < _MAPPED_BITS:
            message = f"{body} is wider than IPv4 within IPv6, ::ffff:0:0/96"
            raise NetworkError(message)
        address, bits, prefix = address.ipv4_mapped, 32, prefix - _MAPPED_BITS
    mask_value = ((1 << prefix) - 1) << (bits - prefix)
    return NetworkRule(bits, int(address) & mask_value, mask_value, prefix, denies, shown)


def _prefix(width: str, bits: int) -> int:
    readable = width.isascii() and width.isdigit() and len(width) <= 3
    if not readable or int(width) > bits:
        message = f"/{width} is not a prefix length of 0 to {bits}"
        raise NetworkError(message)
    return int(width)


def _masked(host: str, mask: str, *, denies: bool, text: str) -> NetworkRule:
    address, netmask = _address(host), _address(mask)
    if not (
        isinstance(address, ipaddress.IPv4Address) and isinstance(netmask, ipaddress.IPv4Address)
    ):
        message = f"{text} is not ADDRESS:NETMASK"
        raise NetworkError(message)
    mask_value = int(netmask)
    ones = mask_value.bit_count()
    contiguous = mask_value == ((1 << ones) - 1) << (32 - ones)
    prefix = ones if contiguous else -1
    return NetworkRule(32, int(address) & mask_value, mask_value, prefix, denies, text)


def parse_networks(text: str) -> tuple[NetworkRule, ...]:
    """Read one network, or a list in brackets; ``[]`` admits nobody.

    A ``[`` that the final ``]`` closes is a list; ``[fd00::]/8`` stays one network.

    Raises:
        NetworkError: an entry is not a network; it says which one and where.
    """
    if not (text.startswith("[") and text.endswith("]")):
        return (parse_rule(text),)
    inner = text[1:-1]
    if not inner.strip():
        return ()
    rules = []
    start = 1
    for index, entry in enumerate(inner.split(",")):
        try:
            rules.append(parse_rule(entry))
        except NetworkError as error:
            raise NetworkError(str(error), index, _trimmed(entry, start)) from None
        start += len(entry) + 1
    return tuple(rules)


def _trimmed(entry: str, start: int) -> tuple[int, int]:
    first = start + len(entry) - len(entry.lstrip())
    return first, max(first, start + len(entry.rstrip()))
