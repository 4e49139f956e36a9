"""Descriptors that this process already has: standard streams and inherited ones.

Sources: stdio(3), sd_listen_fds(3).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import (
    Direction,
    Group,
    Kind,
    Parameter,
    ParameterType,
    Risk,
    Role,
    Transport,
)

__all__ = ("KINDS",)

_ANYTHING: Final = (
    Group.FD,
    Group.FIFO,
    Group.CHR,
    Group.BLK,
    Group.REG,
    Group.SOCKET,
    Group.TERMIOS,
    Group.UNIX,
    Group.IP4,
    Group.IP6,
    Group.UDP,
    Group.TCP,
    Group.SCTP,
    Group.DCCP,
    Group.UDPLITE,
)
_DESCRIPTOR: Final = (Parameter("descriptor", ParameterType.DESCRIPTOR),)

KINDS: Final = (
    Kind(
        "STDIO",
        "",
        _ANYTHING,
        Role.STREAM,
        Transport.LOCAL,
        "Read standard input and write standard output",
        aliases=("-",),
    ),
    Kind(
        "STDIN",
        "",
        _ANYTHING,
        Role.STREAM,
        Transport.LOCAL,
        "Read standard input",
        direction=Direction.READ,
    ),
    Kind(
        "STDOUT",
        "",
        _ANYTHING,
        Role.STREAM,
        Transport.LOCAL,
        "Write standard output",
        direction=Direction.WRITE,
    ),
    Kind(
        "STDERR",
        "",
        _ANYTHING,
        Role.STREAM,
        Transport.LOCAL,
        "Write standard error",
        direction=Direction.WRITE,
    ),
    Kind(
        "FD",
        ":<fdnum>",
        _ANYTHING,
        Role.STREAM,
        Transport.LOCAL,
        "Use a descriptor inherited from the parent, by number",
        parameters=_DESCRIPTOR,
    ),
    Kind(
        "ACCEPT-FD",
        ":<fdnum>",
        (
            Group.FD,
            Group.SOCKET,
            Group.CHILD,
            Group.RETRY,
            Group.RANGE,
            Group.UNIX,
            Group.IP4,
            Group.IP6,
            Group.UDP,
            Group.TCP,
            Group.SCTP,
            Group.DCCP,
            Group.UDPLITE,
        ),
        Role.LISTEN,
        Transport.SOCKET,
        "Accept connections on an inherited listening socket, as from systemd",
        parameters=_DESCRIPTOR,
        aliases=("ACCEPT",),
        risk=Risk.EXPOSES,
        since="1.8.0",
    ),
)
