"""What a listener lacks besides the worst: allowlist, limits, timeouts; told as notes or alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Role
from catflap.bridge.effective import Dialect
from catflap.bridge.socat_flags import NOTICE, log_level
from catflap.core.spans import printable
from catflap.rules.exposure import (
    Reach,
    exposure_of,
    is_too_wide,
    is_wildcard,
    proves_peers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = (
    "is_otherwise_guarded",
    "is_unlimited",
    "keeps_no_log",
    "lacks_allowlist",
    "listener_notes",
    "missing_timeout",
    "too_wide",
)


def is_otherwise_guarded(side: Side) -> bool:
    """Whether a listener that other hosts reach encrypts and makes every peer prove itself."""
    return exposure_of(side).reach is not Reach.HOST and proves_peers(side)


def lacks_allowlist(side: Side) -> bool:
    """Whether nothing narrows which peers may come: no network, no name, no port."""
    if side.networks.is_unknown or side.networks.value is not None:
        return False
    named = side.text("openssl-commonname")
    if side.is_encrypted and (named.is_unknown or named.value):
        return False
    return not any(side.last(name) for name in ("tcpwrappers", "sourceport", "lowport"))


def too_wide(side: Side) -> str:
    """Return the text of the first allowed network that is too wide to count, or nothing."""
    for rule in side.networks.value or ():
        if is_too_wide(rule):
            return printable(rule.text)
    return ""


def is_unlimited(side: Side) -> bool:
    """Whether a listener starts as many children as peers come; our dialect never does."""
    if side.dialect is Dialect.CATFLAP or not side.flag("fork").value:
        return False
    return side.last("max-children") is None


def missing_timeout(bridge: Bridge, side: Side) -> str:
    """Return which timeout is off on a listener, or nothing."""
    kind = side.address.kind
    if kind is None or kind.role is not Role.LISTEN or bridge.surroundings.bounded:
        return ""
    said = bridge.flags.last("-T")
    if said is not None and said.value is not None and not said.value.known:
        return ""
    handshake = side.value("handshake-timeout", bridge.limits.handshake)
    if side.is_encrypted and handshake.value == 0:
        return "handshake-timeout"
    idle = side.value("idle-timeout", bridge.limits.idle)
    if idle.is_unknown:
        return ""
    if idle.value is None:
        return "idle-timeout" if side.dialect is Dialect.SOCAT else ""
    return "" if idle.value else "idle-timeout"


def keeps_no_log(bridge: Bridge, side: Side) -> bool:
    """Whether nobody is told who connected; our dialect always tells."""
    if side.dialect is Dialect.CATFLAP or not bridge.flags.complete:
        return False
    return log_level(bridge.flags) < NOTICE


def listener_notes(bridge: Bridge, side: Side, *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what else is open on an exposed listener, each line beginning with a rule's name."""
    return tuple(f"{rule}: {text}" for rule, text in _notes(bridge, side) if rule not in without)


def _notes(bridge: Bridge, side: Side) -> Iterator[tuple[str, str]]:
    if not side.is_encrypted:
        yield "plaintext-exposed", "whoever is on the way reads and changes what passes"
    elif not proves_peers(side):
        yield "anonymous-clients", "no client has to prove who it is"
    if is_wildcard(side):
        hosts = side.bind_hosts
        why = "as socat does without bind=" if not hosts.is_said else "on every interface"
        yield "wildcard-bind", f"it listens on {' and '.join(hosts.value)}, {why}"
    if too_wide(side):
        yield "broad-allowlist", f"{too_wide(side)} is too wide to keep anybody out"
    elif lacks_allowlist(side):
        yield "no-allowlist", "no range= says where peers may come from"
    if is_unlimited(side):
        yield "unlimited-fork", "every peer gets a process, however many come (max-children=)"
    if side.dialect is Dialect.SOCAT and missing_timeout(bridge, side):
        yield "no-timeout", "a silent peer stays for ever (-T)"
    if keeps_no_log(bridge, side):
        yield "no-connection-log", "nothing is kept about who connected (-d -d)"
