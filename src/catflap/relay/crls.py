"""Revocation lists that a bridge was given, as options of the ends whose peers they judge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.catalogue import find_option
from catflap.address.model import Literal, Option, Word
from catflap.bridge.model import DualSide
from catflap.core.errors import UsageError

if TYPE_CHECKING:
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = ("with_lists",)


def with_lists(bridge: Bridge) -> tuple[Side | DualSide, Side | DualSide]:
    """Return both ends of a bridge with its revocation lists as their ``crl=``.

    They are for the clients of a TLS listener; a bridge without one has them for the servers that
    it connects to. An address with a ``crl=`` of its own keeps to that.

    Raises:
        UsageError: nobody in this bridge proves anything by a certificate.
    """
    first, second = bridge.first, bridge.second
    if not bridge.crls:
        return first, second
    judging = [side for side in bridge.sides if side.is_encrypted and side.verifies.value]
    _check_chains(bridge)
    listening = [side for side in judging if side.listens]
    chosen = listening or judging
    if not chosen:
        message = "crls: no peer of this bridge proves anything by a certificate"
        raise UsageError(message, hint="TLS-LISTEN with cafile= asks clients for one")
    return _end(first, chosen, bridge.crls), _end(second, chosen, bridge.crls)


def _check_chains(bridge: Bridge) -> None:
    """Refuse what would go unchecked in silence: TLS within ``via=`` takes lists of its own.

    Raises:
        UsageError: such an address has none.
    """
    for outer in bridge.sides:
        for inner in outer.chain:
            if inner.is_encrypted and inner.verifies.value and inner.last("crl") is None:
                message = f"crls: {inner.address.name} within via= is not checked by them"
                raise UsageError(message, hint="crl=FILE within via checks it")


def _end(end: Side | DualSide, chosen: list[Side], paths: tuple[str, ...]) -> Side | DualSide:
    if isinstance(end, DualSide):
        return DualSide(_side(end.read, chosen, paths), _side(end.write, chosen, paths))
    return _side(end, chosen, paths)


def _side(side: Side, chosen: list[Side], paths: tuple[str, ...]) -> Side:
    if not any(side is each for each in chosen) or side.last("crl") is not None:
        return side
    row, span = find_option("crl"), side.span
    name = Word((Literal("crl", span),), span)
    added = tuple(Option(name, Word((Literal(path, span),), span), row, span) for path in paths)
    address = replace(side.address, options=(*side.address.options, *added))
    return replace(side, address=address)
