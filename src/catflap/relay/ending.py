"""Which of socat's shut-* options an address asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.relay.channel import Ending

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("ending_of",)

_ENDINGS = {
    "shut-none": Ending.NONE,
    "shut-down": Ending.DOWN,
    "shut-close": Ending.CLOSE,
    "shut-null": Ending.NULL,
    # The C program closes then what others may hold too, but only when all is over.
    "end-close": Ending.NONE,
}


def ending_of(side: Side, otherwise: str = Ending.DOWN) -> str:
    """Return how the writer of this side ends; the last such option counts."""
    found = otherwise
    for option in side.address.options:
        if option.row is not None and option.row.name in _ENDINGS:
            found = _ENDINGS[option.row.name]
    if found == Ending.DOWN and side.last("so-linger") is not None:
        return Ending.FIRST_DOWN
    return found
