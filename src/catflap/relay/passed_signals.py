"""Signals that go to programs instead of ending us: ``sighup``, ``sigint``, ``sigquit``."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from catflap.bridge.side import Side
    from catflap.relay.children import Child

__all__ = ("SIGNAL_OPTIONS", "is_passed", "pass_on", "passes")

_NUMBERS = {
    "sighup": signal.SIGHUP,
    "sigint": signal.SIGINT,
    "sigquit": signal.SIGQUIT,
}
SIGNAL_OPTIONS = frozenset(_NUMBERS)
_children: dict[int, list[Collection[Child]]] = {}
"""Of the whole process, as signals are: by number, the children of each address that asks."""


def passes(side: Side, children: Collection[Child]) -> None:
    """Pass the signals that an address names on to its children, for as long as any lives.

    Args:
        side: the address.
        children: those that live, now and later.
    """
    for name, number in _NUMBERS.items():
        if side.last(name) is not None:
            _children.setdefault(number, []).append(children)


def is_passed(number: int) -> bool:
    """Whether an address asks for a signal; then it has to come, even where a shell ignores it."""
    return number in _children


def pass_on(number: int) -> bool:
    """Send a signal that came to us to the children that are to get it.

    Returns:
        Whether there was one: then the signal does not concern us.
    """
    found = [child for children in _children.get(number, ()) for child in list(children)]
    for child in found:
        child.send(number)
    return bool(found)
