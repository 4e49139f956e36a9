"""Sockets between a virtual machine and its host.

Sources: vsock(7).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Group, Kind, Parameter, ParameterType, Risk, Role, Transport

__all__ = ("KINDS",)

KINDS: Final = (
    Kind(
        "VSOCK-CONNECT",
        ":<cid>:<port>",
        (Group.FD, Group.SOCKET, Group.CHILD, Group.RETRY),
        Role.CONNECT,
        Transport.VSOCK,
        "Connect to a port of a virtual machine or its host, by context id",
        parameters=(Parameter("cid", ParameterType.NUMBER), Parameter("port", ParameterType.PORT)),
        aliases=("VSOCK",),
    ),
    Kind(
        "VSOCK-LISTEN",
        ":<port>",
        (Group.FD, Group.SOCKET, Group.LISTEN, Group.CHILD, Group.RETRY),
        Role.LISTEN,
        Transport.VSOCK,
        "Accept connections between virtual machine and host on a port",
        parameters=(Parameter("port", ParameterType.PORT),),
        aliases=("VSOCK-L",),
        risk=Risk.EXPOSES,
    ),
)
