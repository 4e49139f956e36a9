"""Ends that need nothing outside: a given text, silence, an echo.

Sources: socketpair(2). socat's help shows a file name for SOCKETPAIR, yet takes none.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Group, Kind, Parameter, ParameterType, Role, Transport

__all__ = ("KINDS",)

_INNER: Final = (Group.FD, Group.FIFO)
_TEXT: Final = (Parameter("text", ParameterType.TEXT),)

KINDS: Final = (
    Kind(
        "TEXT",
        ":<string>",
        _INNER,
        Role.STREAM,
        Transport.LOCAL,
        "Read the text given here; what is written goes to standard output",
        parameters=_TEXT,
        since="1.8.1",
    ),
    Kind(
        "STALL",
        "",
        _INNER,
        Role.STREAM,
        Transport.LOCAL,
        "Give nothing, take nothing and never end",
        since="1.8.1",
    ),
    Kind(
        "SOCKETPAIR",
        ":<filename>",
        (Group.FD, Group.SOCKET),
        Role.STREAM,
        Transport.LOCAL,
        "Echo by a socket pair, which keeps message boundaries",
    ),
)
