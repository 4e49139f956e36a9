"""Hosts and services into numbers."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from catflap.address.networks import numeric_host
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import Problem, Span
from catflap.core.units import parse_integer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.bridge.side import Side
    from catflap.relay.lookup import Lookup
    from catflap.relay.poller import Poller

__all__ = (
    "Target",
    "judge_family",
    "literal_targets",
    "port_number",
    "preferred",
    "resolve",
    "socket_address",
)

Target = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]
"""An address family and the address as the socket module takes it."""

_LOCALHOST = (("4", "127.0.0.1"), ("6", "::1"))
_FAMILIES = {"4": socket.AF_INET, "6": socket.AF_INET6}


def port_number(side: Side, text: str, span: Span | None, protocol: str = "tcp") -> int:
    """Return a port from a number or a service name (getservbyname(3)).

    Raises:
        UsageError: no such service.
    """
    try:
        return parse_integer(text)
    except ValueError:
        pass
    try:
        return socket.getservbyname(text, protocol)
    except OSError:
        place = span if span is not None else side.span
        problem = Problem(
            f"{text} is not a {protocol} service",
            place,
            side.source,
            "a port from 0 to 65535 or a name of /etc/services",
        )
        raise UsageError(problem.sentence(), (problem,)) from None


def socket_address(host: str, port: int) -> Target | None:
    """Return the target of a literal address, or ``None`` when ``host`` is a name."""
    if numeric_host(host) is None:
        return None
    bare, _, scope = host.strip("[]").partition("%")
    if ":" not in bare:
        return socket.AF_INET, (bare, port)
    index = socket.if_nametoindex(scope) if scope and not scope.isdigit() else int(scope or 0)
    return socket.AF_INET6, (bare, port, 0, index)


def literal_targets(host: str, port: int, family: str = "") -> tuple[Target, ...]:
    """Return the targets of a host that no name server is asked about: a literal, or localhost.

    ``localhost`` is this host whatever a name server says (RFC 6761, section 6.3).

    Raises:
        OperationError: a literal of the other IP version than the one the address is held to.
    """
    literal = socket_address(host, port)
    if literal is not None:
        judge_family(host, literal, family)
        return (literal,)
    if host.lower().rstrip(".") != "localhost":
        return ()
    texts = [text for version, text in _LOCALHOST if family in {"", version}]
    return tuple(found for text in texts if (found := socket_address(text, port)) is not None)


def judge_family(host: str, target: Target, family: str) -> None:
    """Find a literal that is not of the IP version an address is held to, as TCP4:[::1] is.

    Raises:
        OperationError: it is of the other version.
    """
    if family and target[0] != _FAMILIES.get(family, target[0]):
        message = f"the host {host} is not known: Address family for hostname not supported"
        hint = f"it is no IPv{family} address; the kind without a number takes both versions"
        raise OperationError(message, hint)


def preferred(targets: Iterable[Target], version: str) -> list[Target]:
    """Return the same targets, those of an IP version (``4`` or ``6``) first."""
    wanted = _FAMILIES.get(version)
    return sorted(targets, key=lambda target: wanted is not None and target[0] != wanted)


async def resolve(  # noqa: PLR0913 - one argument a thing that is asked for
    loop: Poller,
    host: str,
    port: int,
    family: str = "",
    lookup: Lookup | None = None,
    prefer: str = "",
) -> list[Target]:
    """Return the addresses of a host, the two IP versions by turns (RFC 8305, section 4).

    Args:
        loop: where it is waited.
        host: name or literal.
        port: of every address.
        family: the IP version it is held to: ``4``, ``6`` or nothing.
        lookup: what the options of the address say about asking.
        prefer: the version all of whose addresses come first: ``4``, ``6`` or nothing.

    Raises:
        OperationError: the name is not known.
    """
    literals = literal_targets(host, port, family)
    if literals:
        return list(literals)
    wanted = _FAMILIES.get(family, socket.AF_UNSPEC)
    try:
        if lookup is not None and lookup.asks_itself:
            return await lookup.ask(host, port, family)
        found = await loop.getaddrinfo(
            host,
            port,
            family=wanted,
            type=socket.SOCK_STREAM,
            flags=0 if lookup is None else lookup.flags,
        )
    except OSError as error:
        message = f"the host {host} is not known: {error.strerror or error}"
        raise OperationError(message) from error
    targets: list[Target] = [(info[0], info[4]) for info in found]
    if prefer in {"4", "6"}:
        return preferred(targets, prefer)
    first = [target for target in targets if target[0] == targets[0][0]]
    second = [target for target in targets if target[0] != targets[0][0]]
    mixed: list[Target] = []
    while first or second:
        mixed.extend(first[:1])
        mixed.extend(second[:1])
        first, second = first[1:], second[1:]
    return mixed
