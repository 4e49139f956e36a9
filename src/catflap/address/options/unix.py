"""Addresses of UNIX domain sockets.

Sources: unix(7).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "unix-bind-tempname",
        (Group.UNIX,),
        Phase.PREOPEN,
        ValueType.STRING_NULL,
        "Client: bind a made-up path, so that a datagram server can answer",
        aliases=("bind-tempname",),
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "unix-tightsocklen",
        (Group.UNIX,),
        Phase.PREBIND,
        ValueType.BOOL,
        "Pass the exact length of the address; off pads it to its full size",
        aliases=("tightsocklen",),
        applies=BuiltIn(),
    ),
)
