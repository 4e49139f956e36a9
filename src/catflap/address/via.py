"""``via=``: the address that another one goes through, with the target that is implied.

``TLS:api:443,via=[SOCKS5:proxy:1080]`` asks the proxy for ``api:443``. The inner address is written
without its target; a proxy gets that of the outer one as its last two parameters. An inner address
that is no proxy (a serial line, a program, another TLS) is whole as it stands. It nests.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.model import Address, Dual, Literal, Unknown, Word, arguments, options_named
from catflap.address.rows import Direction, Group, ParameterType, Role, Transport
from catflap.address.syntax import Parsed, parse
from catflap.core.spans import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Endpoint
    from catflap.address.rows import Kind

__all__ = ("DEEPEST_VIA", "PROXY_PORT", "SOCKS_PORT", "is_proxied", "through", "via_problems")

PROXY_PORT = "8080"
SOCKS_PORT = "1080"
DEEPEST_VIA = 8
_PACKETS = frozenset(
    {Transport.UDP, Transport.UDPLITE, Transport.DTLS, Transport.IP, Transport.LINK}
)
_EXAMPLE = "such as via=[SOCKS5:proxy:1080]"


def is_proxied(kind: Kind) -> bool:
    """Whether a kind asks a proxy for its target."""
    return Group.HTTP in kind.groups or Group.SOCKS in kind.groups


def through(address: Address, source: str) -> Parsed | None:
    """Return the address that the last ``via=`` names, its target filled in, or ``None``.

    Args:
        address: the outer one.
        source: what the places of its words point into.
    """
    found = None
    for option in options_named(address, "via"):
        found = option
    if found is None or found.value is None:
        return None
    parsed = parse(_bare(found.value), source)
    inner = parsed.endpoint
    if isinstance(inner, Dual) or inner.kind is None or not is_proxied(inner.kind):
        return parsed
    whole = replace(inner, parameters=(*inner.parameters, *_first_hop(address)))
    return replace(parsed, endpoint=whole)


def via_problems(address: Address, source: str) -> Iterator[Problem]:
    """Yield why an address cannot go through what its ``via=`` names, besides what that is itself.

    Args:
        address: the outer one, its kind known.
        source: what the places of its words point into.
    """
    parsed = through(address, source)
    option = next(options_named(address, "via"), None)
    if parsed is None or option is None or address.kind is None:
        return
    inner, span = parsed.endpoint, option.span
    surplus = _surplus(inner)
    if address.kind.role not in {Role.CONNECT, Role.SERVE}:
        yield Problem("via is for addresses that connect", span, source)
    elif _depth(address, source) > DEEPEST_VIA:
        yield Problem(f"via nests deeper than {DEEPEST_VIA}", span, source)
    elif isinstance(inner, Dual):
        yield Problem("via takes one address", span, source, _EXAMPLE)
    elif surplus is not None:
        yield Problem(
            f"{inner.name} gets its target from {address.name}",
            surplus.span,
            source,
            "the proxy alone; proxyport=PORT or socksport=PORT gives its port",
        )
    elif inner.kind is not None:
        yield from _fits(address.kind, inner.kind, span, source)


def _fits(outer: Kind, inner: Kind, span: Span, source: str) -> Iterator[Problem]:
    streams = inner.direction is Direction.BOTH and inner.transport not in _PACKETS
    if inner.listens or inner.role is Role.DATAGRAM or not streams:
        yield Problem(f"{inner.name} is no stream to go through", span, source, _EXAMPLE)
    elif outer.transport is Transport.TCP and not is_proxied(outer) and not is_proxied(inner):
        yield Problem(
            f"{inner.name} cannot be asked for another target",
            span,
            source,
            f"a proxy, {_EXAMPLE}; or {inner.name} itself in the place of {outer.name}",
        )


def _surplus(inner: Endpoint) -> Word | None:
    """Return the first word that is too many once a proxy has got its target."""
    if isinstance(inner, Dual) or inner.kind is None or not is_proxied(inner.kind):
        return None
    most = len(inner.kind.parameters)
    if len(inner.parameters) <= most:
        return None
    return inner.parameters[most - 2]


def _depth(address: Address, source: str) -> int:
    depth = 0
    while depth <= DEEPEST_VIA:
        parsed = through(address, source)
        if parsed is None or isinstance(parsed.endpoint, Dual):
            break
        address, depth = parsed.endpoint, depth + 1
    return depth


def _bare(value: Word) -> tuple[Literal | Unknown, ...]:
    """Return the pieces of a value without the brackets around all of it."""
    parts = list(value.parts)
    first, last = (parts[0], parts[-1]) if parts else (None, None)
    opened = isinstance(first, Literal) and first.text.startswith("[")
    closed = isinstance(last, Literal) and last.text.endswith("]")
    if opened and closed and value.text != "[":
        parts[0] = _cut(parts[0], 1, 0)
        parts[-1] = _cut(parts[-1], 0, 1)
    return tuple(parts)


def _cut(part: Literal | Unknown, left: int, right: int) -> Literal:
    exact = part.span.end - part.span.start == len(part.text)
    span = Span(part.span.start + left, part.span.end - right) if exact else part.span
    return Literal(part.text[left : len(part.text) - right], span)


def _first_hop(address: Address) -> tuple[Word, ...]:
    """Return host and port of what the outer address itself would connect to."""
    kind = address.kind
    given = [(parameter, word) for parameter, word in arguments(address).values()]
    hosts = [word for parameter, word in given if parameter.type is ParameterType.HOST]
    ports = [word for parameter, word in given if parameter.type is ParameterType.PORT]
    if kind is not None and is_proxied(kind):
        named = arguments(address).get("socks-port")
        name = "proxyport" if Group.HTTP in kind.groups else "socksport"
        said = [option.value for option in options_named(address, name) if option.value is not None]
        usual = PROXY_PORT if Group.HTTP in kind.groups else SOCKS_PORT
        place = hosts[0].span if hosts else address.keyword.span
        otherwise = Word((Literal(usual, place),), place)
        ports = [named[1]] if named is not None else [said[-1] if said else otherwise]
    return (*hosts[:1], *ports[:1])
