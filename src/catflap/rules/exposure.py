"""How far a listener reaches, and who can get at what stands behind an address."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from catflap.address.networks import numeric_host
from catflap.address.rows import Role, Transport
from catflap.bridge.effective import Dialect
from catflap.bridge.model import DualSide
from catflap.bridge.side import is_loopback
from catflap.findings.finding import Confidence
from catflap.rules.telling import has_opaque_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.networks import NetworkRule
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = (
    "Access",
    "Exposure",
    "Reach",
    "Way",
    "exposed_listeners",
    "exposure_of",
    "far_sides",
    "is_too_wide",
    "is_wildcard",
    "is_world_connectable",
    "leaves_host",
    "proves_peers",
    "reach_of_host",
    "way_through",
)

_LOOPBACK = ("127.0.0.0/8", "::1/128")
_PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
)  # RFC 1918, 3927, 6598, 4193, 4291
_WIDEST = {32: 8, 128: 32}
_BRIDGE_DEVICES = (
    *("docker", "br-", "virbr", "lxcbr", "lxdbr", "podman", "cni"),
    # Those of WireGuard, Tailscale and ZeroTier: whoever is behind them has shown a key.
    *("wg", "tailscale", "zt"),
)
_WORLD_WRITES = 0o002  # connect(2) on a UNIX socket asks for write permission, unix(7)


class Reach(IntEnum):
    """From where a listener can be reached."""

    HOST = 0
    PRIVATE = 1
    EVERYWHERE = 2


@dataclass(frozen=True, slots=True)
class Exposure:
    """A reach and how sure it is."""

    reach: Reach
    confidence: Confidence = Confidence.HIGH


class Access(IntEnum):
    """Who gets through an address to the other end of its bridge."""

    OWNER = 0
    PROVEN = 1
    LOCAL = 2
    NETWORK = 3


@dataclass(frozen=True, slots=True)
class Way:
    """A side, who gets through it, how far away they may be, and how sure that is."""

    side: Side
    access: Access
    reach: Reach = Reach.HOST
    confidence: Confidence = Confidence.HIGH


def exposure_of(side: Side) -> Exposure:
    """Return how far a side reaches: an unknown part counts as the worst it can be."""
    if not (side.listens and side.is_internet):
        return Exposure(Reach.HOST)
    bounds = (_by_bind(side), _by_filter(side), _by_place(side))
    nearest = min(bounds, key=lambda exposure: exposure.reach)
    if nearest.reach is Reach.HOST:
        return nearest
    return Exposure(nearest.reach, min(exposure.confidence for exposure in bounds))


def leaves_host(side: Side) -> bool:
    """Whether bytes of an internet side go beyond this host."""
    if side.listens:
        return exposure_of(side).reach is not Reach.HOST
    return side.is_internet and not side.is_loopback_only


def exposed_listeners(bridge: Bridge) -> Iterator[tuple[Side, Exposure]]:
    """Yield the listeners that can be reached from beyond this host."""
    for side in bridge.listeners:
        exposure = exposure_of(side)
        if exposure.reach is not Reach.HOST:
            yield side, exposure


def _by_bind(side: Side) -> Exposure:
    hosts = side.bind_hosts
    if hosts.is_unknown:
        return Exposure(Reach.EVERYWHERE, Confidence.LOW)
    reach = max(reach_of_host(host) for host in hosts.value)
    device = side.text("so-bindtodevice").value
    if device == "lo":
        reach = Reach.HOST
    elif device.startswith(_BRIDGE_DEVICES):
        reach = min(reach, Reach.PRIVATE)
    named = any(numeric_host(host) is None and not is_loopback(host) for host in hosts.value)
    hidden = not hosts.is_said and has_opaque_options(side)
    return Exposure(reach, Confidence.MEDIUM if named or hidden else Confidence.HIGH)


def _by_filter(side: Side) -> Exposure:
    networks = side.networks
    if networks.is_unknown:
        return Exposure(Reach.EVERYWHERE, Confidence.LOW)
    if networks.value is not None:
        allowed = (_reach_of_rule(rule) for rule in networks.value if not rule.denies)
        return Exposure(max(allowed, default=Reach.HOST))
    if side.last("tcpwrappers") is not None:
        # What hosts.allow says is not known here; that somebody wrote it is taken as a limit.
        return Exposure(Reach.PRIVATE, Confidence.MEDIUM)
    return Exposure(Reach.EVERYWHERE)


def _by_place(side: Side) -> Exposure:
    """Return how far the container around a listener lets it reach.

    Who binds a container's loopback is reached by nothing else; that is told by the address.
    A port that nobody publishes counts as open, unless the file shows that only the container's
    own network gets there (docs/design.md).
    """
    place = side.surroundings
    if place.own_network and not place.container:
        # A unit with PrivateNetwork=, or whose IPAddressDeny= leaves loopback alone.
        return Exposure(Reach.HOST)
    if not place.container or place.host_network:
        return Exposure(Reach.EVERYWHERE)
    port = side.port
    published = [
        each
        for each in place.published or ()
        if each.port is None or port.is_unknown or each.port == port.value
    ]
    if not published:
        return Exposure(Reach.PRIVATE if place.own_network else Reach.EVERYWHERE)
    if any(each.host is None for each in published):
        return Exposure(Reach.EVERYWHERE, Confidence.LOW)
    return Exposure(max(reach_of_host(each.host or "0.0.0.0") for each in published))  # noqa: S104


@lru_cache(maxsize=1024)
def reach_of_host(host: str) -> Reach:
    """Return from where an address can be reached; a name may be anywhere but ``localhost``."""
    if is_loopback(host):
        return Reach.HOST
    number = numeric_host(host)
    if number is not None and _within(*number, number[0], _PRIVATE):
        return Reach.PRIVATE
    return Reach.EVERYWHERE


def _reach_of_rule(rule: NetworkRule) -> Reach:
    if rule.prefix < 0:
        return Reach.EVERYWHERE
    if _within(rule.bits, rule.value, rule.prefix, _LOOPBACK):
        return Reach.HOST
    if is_too_wide(rule) or not _within(rule.bits, rule.value, rule.prefix, _PRIVATE):
        return Reach.EVERYWHERE
    return Reach.PRIVATE


@lru_cache(maxsize=1024)
def _within(bits: int, value: int, prefix: int, networks: tuple[str, ...]) -> bool:
    inner = (
        ipaddress.ip_network((value, prefix))
        if bits == 32
        else (ipaddress.IPv6Network((value, prefix)))
    )
    for text in networks:
        outer = ipaddress.ip_network(text)
        if outer.version == inner.version and inner.subnet_of(outer):  # type: ignore[arg-type]
            return True
    return False


def is_too_wide(rule: NetworkRule) -> bool:
    """Whether an allowed network is so wide that it counts as none (design.md)."""
    return not rule.denies and rule.prefix < _WIDEST[rule.bits]


def is_wildcard(side: Side) -> bool:
    """Whether a listener opens every interface, as far as is known."""
    hosts = side.bind_hosts
    return not hosts.is_unknown and any(_is_unspecified(host) for host in hosts.value)


def _is_unspecified(host: str) -> bool:
    number = numeric_host(host)
    return host in {"", "*"} or (number is not None and number[1] == 0)


def proves_peers(side: Side) -> bool:
    """Whether a peer must prove by TLS who it is, to a trust that is not everybody's."""
    if not side.is_encrypted or side.verifies.is_unknown or not side.verifies.value:
        return False
    if not side.is_tls_server or side.dialect is Dialect.CATFLAP:
        return True
    return side.last("openssl-cafile") is not None or side.last("openssl-capath") is not None


def is_world_connectable(side: Side) -> bool:
    """Whether any user of this host may connect to a UNIX listener."""
    for name in ("perm-late", "perm", "perm-early"):
        mode = side.value(name)
        if isinstance(mode.value, int):
            return bool(mode.value & _WORLD_WRITES)
    umask = side.value("umask").value
    return isinstance(umask, int) and not umask & _WORLD_WRITES


def way_through(side: Side) -> Way:
    """Return who gets through a side to the far one."""
    kind = side.address.kind
    if kind is None:
        return Way(side, Access.OWNER)
    carrier = side.via if kind.role is Role.SERVE else None
    if carrier is not None:
        return _carried_way(side, way_through(carrier))
    if side.is_internet:
        return _internet_way(side)
    if side.listens and kind.transport is Transport.UNIX and is_world_connectable(side):
        return Way(side, Access.LOCAL)
    if side.listens and kind.transport in {Transport.ABSTRACT, Transport.VSOCK}:
        return Way(side, Access.LOCAL)
    return Way(side, Access.OWNER)


def _carried_way(side: Side, way: Way) -> Way:
    """Return who gets through a server's end of TLS: whom its channel lets come."""
    access = way.access
    if proves_peers(side):
        access = Access.PROVEN if access is Access.NETWORK else Access.OWNER
    return Way(side, access, way.reach, way.confidence)


def _internet_way(side: Side) -> Way:
    proven = proves_peers(side)
    if side.listens:
        exposure = exposure_of(side)
        if exposure.reach is Reach.HOST:
            return Way(side, Access.OWNER if proven else Access.LOCAL)
        access = Access.PROVEN if proven else Access.NETWORK
        return Way(side, access, exposure.reach, exposure.confidence)
    if side.is_loopback_only:
        return Way(side, Access.OWNER)
    confidence = Confidence.LOW if side.host.is_unknown else Confidence.HIGH
    return Way(side, Access.PROVEN if proven else Access.NETWORK, Reach.EVERYWHERE, confidence)


def far_sides(bridge: Bridge, side: Side) -> tuple[Side, ...]:
    """Return the known sides of the other end of the bridge."""
    first, second = _flatten(bridge.first), _flatten(bridge.second)
    near = any(each is side or side in each.chain for each in first)
    far = second if near else first
    return tuple(each for each in far if each.address.kind is not None)


def _flatten(end: Side | DualSide) -> tuple[Side, ...]:
    if isinstance(end, DualSide):
        return end.read, end.write
    return (end,)
