"""What stands at an address: a shell, a container runtime, a service worth stealing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from catflap.address.model import Unknown
from catflap.address.rows import ParameterType, Transport
from catflap.bridge.model import DualSide, Flow
from catflap.findings.finding import Confidence
from catflap.rules.exposure import Access, Reach, far_sides, reach_of_host, way_through
from catflap.rules.relayed import endpoint_of
from catflap.rules.services import (
    AGENT_SOCKETS,
    CHOSEN_PORTS,
    DEVICES,
    METADATA_HOSTS,
    RUNTIME_PORTS,
    RUNTIME_SOCKETS,
    SERVICE_PORTS,
    SERVICE_SOCKETS,
)
from catflap.rules.shells import programs_of, shell_of
from catflap.rules.telling import known_sides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.rows import Kind
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.rules.exposure import Way

__all__ = ("Asset", "Thing", "thing_at", "ways_to", "worst_ways", "worth_more_behind")


class Asset(IntEnum):
    """How much reaching it is worth, least first."""

    DEVICE = 1
    SERVICE = 2
    AGENT = 3
    RUNTIME = 4
    SHELL = 5


@dataclass(frozen=True, slots=True)
class Thing:
    """An asset, its name for people, and how sure it is."""

    asset: Asset
    name: str
    confidence: Confidence = Confidence.HIGH


def thing_at(side: Side) -> Thing | None:
    """Return what stands at a side that is gone to, not listened on."""
    kind = side.address.kind
    if kind is None or side.listens:
        return None
    shell = shell_of(side)
    if shell is not None:
        return Thing(Asset.SHELL, shell.name, shell.confidence)
    return _at_place(side, kind)


def _at_place(side: Side, kind: Kind) -> Thing | None:
    if kind.name in {"EXEC", "SYSTEM", "SHELL"}:
        return _passed_on(side)
    if kind.transport is Transport.LINK:
        return Thing(Asset.DEVICE, f"the network device of {kind.name}")
    if kind.transport in {Transport.UNIX, Transport.ABSTRACT} or kind.name in {"GOPEN", "OPEN"}:
        return _at_path(side.parameter(ParameterType.PATH))
    if kind.transport is Transport.TCP:
        return _at_host(side)
    return None


def _passed_on(side: Side) -> Thing | None:
    """Return what a program that only passes bytes on connects to: ``nc -U /run/docker.sock``."""
    for words in programs_of(side):
        end = endpoint_of(words)
        if end is None:
            continue
        if end.runtime:
            return Thing(Asset.RUNTIME, end.runtime)
        return _at_path(end.path) if end.path else _at_endpoint(end.host, end.port)
    return None


def _at_path(path: str) -> Thing | None:
    lowered = path.lower().replace("$", "").replace("{", "").replace("}", "")
    for pattern, name in RUNTIME_SOCKETS:
        if pattern.search(lowered):
            return Thing(Asset.RUNTIME, name)
    if DEVICES.fullmatch(path):
        return Thing(Asset.DEVICE, path)
    for asset, table in ((Asset.AGENT, AGENT_SOCKETS), (Asset.SERVICE, SERVICE_SOCKETS)):
        for mark, service in table.items():
            if mark in lowered:
                return Thing(asset, service, Confidence.MEDIUM)
    if re.search(r"/run/user/[^/]+/bus$", lowered):
        return Thing(Asset.AGENT, "the session bus")
    return None


def _at_host(side: Side) -> Thing | None:
    port = "" if side.target_port.is_unknown else side.target_port.value
    return _at_endpoint(side.target_host.value, port)


def _at_endpoint(host: str, port: str) -> Thing | None:
    if host.lower() in METADATA_HOSTS:
        return Thing(Asset.SERVICE, "the cloud's metadata service")
    if port in RUNTIME_PORTS:
        return Thing(Asset.RUNTIME, RUNTIME_PORTS[port], Confidence.MEDIUM)
    if port in SERVICE_PORTS:
        return Thing(Asset.SERVICE, SERVICE_PORTS[port], Confidence.MEDIUM)
    return None


def ways_to(bridge: Bridge, side: Side) -> tuple[Way, ...]:
    """Return the ways through the other end to what stands at ``side``."""
    return tuple(way_through(far) for far in far_sides(bridge, side))


def worst_ways(bridge: Bridge, *assets: Asset) -> Iterator[tuple[Side, Thing, Way]]:
    """Yield each thing of these assets with the most open way to it."""
    for side in known_sides(bridge):
        thing = _thing_for(bridge, side) if _hears(bridge, side) else None
        ways = ways_to(bridge, side)
        if thing is not None and thing.asset in assets and ways:
            yield side, thing, max(ways, key=lambda way: (way.access, way.reach))


def _thing_for(bridge: Bridge, side: Side) -> Thing | None:
    """Return what stands at a side, seen from the other.

    Of two clients one goes to where both meet: a number that people pick for that tells nothing of
    a host that may be the place. On this host or a private network a service is one.
    """
    thing = thing_at(side) or _by_far_port(bridge, side)
    if thing is None or thing.confidence is not Confidence.MEDIUM:
        return thing
    if side.target_port.is_unknown or side.target_port.value not in CHOSEN_PORTS:
        return thing
    if any(far.listens or not far.is_internet for far in far_sides(bridge, side)):
        return thing
    known = not side.target_host.is_unknown
    near = known and reach_of_host(side.target_host.value) is not Reach.EVERYWHERE
    return thing if near else None


def _by_far_port(bridge: Bridge, side: Side) -> Thing | None:
    """Return the runtime whose port a listener has before a socket that a variable names.

    ``TCP-LISTEN:2375 UNIX-CONNECT:$SOCK``: of an unknown path the port tells what it is.
    """
    kind = side.address.kind
    if kind is None or side.listens or kind.transport is not Transport.UNIX:
        return None
    path = side.word(ParameterType.PATH)
    if path is None or not all(isinstance(part, Unknown) for part in path.parts):
        return None
    for far in far_sides(bridge, side):
        port = "" if far.port.is_unknown or not far.listens else far.port.value
        if port in RUNTIME_PORTS:
            return Thing(Asset.RUNTIME, RUNTIME_PORTS[port], Confidence.LOW)
    return None


def _hears(bridge: Bridge, side: Side) -> bool:
    """Whether anything goes to a side: what only speaks obeys nobody (``-u``, ``-U``, ``!!``)."""
    deaf = bridge.first if bridge.flow is Flow.FORWARD else bridge.second
    if bridge.flow is not Flow.BOTH and side is deaf:
        return False
    ends = (end for end in (bridge.first, bridge.second) if isinstance(end, DualSide))
    return all(side is not end.read for end in ends)


def worth_more_behind(bridge: Bridge, side: Side) -> bool:
    """Whether a rule about what stands behind an exposed side tells its openness already."""
    if way_through(side).access is not Access.NETWORK:
        return False
    far = [each for each in far_sides(bridge, side) if _hears(bridge, each)]
    things = [thing for each in far if (thing := _thing_for(bridge, each)) is not None]
    # A device that is sent to one chosen host is that connection's matter, not the device's.
    return any(side.listens or thing.asset is not Asset.DEVICE for thing in things)
