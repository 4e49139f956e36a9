"""What a bridge asks of the sessions that it runs: limits, and how bytes are moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.rows import Transport
from catflap.bridge.effective import Dialect
from catflap.bridge.model import Bridge, DualSide, Flow, Limits
from catflap.bridge.side import Side
from catflap.relay.filters import transform_between
from catflap.relay.pump.pump import PumpOptions

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("limits_of", "pump_options_of")

_IDLE_SECONDS = 3600.0
_PACKETS_IDLE_SECONDS = 300.0
"""Where a peer cannot tell its end: what RFC 4787, section 4.3, recommends for UDP in a NAT."""

_ENDLESS = frozenset({Transport.UDP, Transport.UDPLITE, Transport.DTLS})


def limits_of(bridge: Bridge) -> Limits:
    """Return the limits with the options of the addresses over those of the bridge."""
    limits = bridge.limits
    for side in bridge.sides:
        if side.last("handshake-timeout") is not None and side.listens:
            limits = replace(limits, handshake=side.seconds("handshake-timeout").value)
        if side.last("half-close-timeout") is not None:
            limits = replace(limits, half_close=side.seconds("half-close-timeout").value)
        if side.last("idle-timeout") is not None:
            limits = replace(limits, idle=side.seconds("idle-timeout").value)
    first = bridge.first
    if isinstance(first, Side):
        children = first.number("max-children").value
        if children:
            limits = replace(limits, sessions=min(limits.sessions or children, children))
    if limits.idle is None:
        safe = bridge.dialect is Dialect.CATFLAP
        first = bridge.first
        serves = isinstance(first, Side) and (first.serves_streams or first.serves_messages)
        seconds = _IDLE_SECONDS
        if isinstance(first, Side) and first.kind.transport in _ENDLESS:
            seconds = _PACKETS_IDLE_SECONDS
        limits = replace(limits, idle=seconds if safe and serves else 0.0)
    return limits


def pump_options_of(
    bridge: Bridge,
    limits: Limits,
    taps: tuple[Callable[[bytes], None] | None, Callable[[bytes], None] | None],
) -> PumpOptions:
    """Return how the bytes of each session move.

    Args:
        bridge: whose.
        limits: with the options of its addresses.
        taps: see the payload of both directions, where somebody asked for that.
    """
    first, second = bridge.first, bridge.second
    return PumpOptions(
        forward=bridge.flow is not Flow.BACKWARD,
        backward=bridge.flow is not Flow.FORWARD,
        half_close=limits.half_close,
        cuts_reset=bridge.dialect is Dialect.CATFLAP,
        half_close_said=bridge.limits.half_close != Limits().half_close
        or any(side.last("half-close-timeout") is not None for side in bridge.sides),
        idle=limits.idle or 0.0,
        near_cool=_write_side(first).flag("cool-write").value,
        far_cool=_write_side(second).flag("cool-write").value,
        near_ignores_eof=_read_side(first).flag("ignoreeof").value,
        far_ignores_eof=_read_side(second).flag("ignoreeof").value,
        forward_transform=transform_between(_read_side(first), _write_side(second)),
        backward_transform=transform_between(_read_side(second), _write_side(first)),
        forward_tap=taps[0],
        backward_tap=taps[1],
        bandwidth=limits.bandwidth,
    )


def _read_side(end: Side | DualSide) -> Side:
    return end.read if isinstance(end, DualSide) else end


def _write_side(end: Side | DualSide) -> Side:
    return end.write if isinstance(end, DualSide) else end
