"""UNIX domain sockets with a path in the file system.

Who may connect is told by the permissions of the path. Sources: unix(7).
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

_CLIENT: Final = (Group.FD, Group.SOCKET, Group.NAMED, Group.RETRY)
_PATH: Final = (Parameter("path", ParameterType.PATH),)

KINDS: Final = (
    Kind(
        "UNIX-CONNECT",
        ":<filename>",
        (*_CLIENT, Group.UNIX),
        Role.CONNECT,
        Transport.UNIX,
        "Connect to a UNIX stream socket",
        parameters=_PATH,
        aliases=("LOCAL",),
    ),
    Kind(
        "UNIX-CLIENT",
        ":<filename>",
        (*_CLIENT, Group.UNIX),
        Role.CONNECT,
        Transport.UNIX,
        "Connect to a UNIX socket of whatever type: stream, packet or datagram",
        parameters=_PATH,
        aliases=("UNIX",),
    ),
    Kind(
        "UNIX-SENDTO",
        ":<filename>",
        (*_CLIENT, Group.UNIX),
        Role.DATAGRAM,
        Transport.UNIX,
        "Send datagrams to a UNIX socket and take its answers",
        parameters=_PATH,
        aliases=("UNIX-SEND",),
    ),
    Kind(
        "UNIX-LISTEN",
        ":<filename>",
        (Group.FD, Group.SOCKET, Group.NAMED, Group.LISTEN, Group.CHILD, Group.RETRY, Group.UNIX),
        Role.LISTEN,
        Transport.UNIX,
        "Accept stream connections on a UNIX socket made at this path",
        parameters=_PATH,
        aliases=("UNIX-L",),
        risk=Risk.WRITES,
    ),
    Kind(
        "UNIX-RECVFROM",
        ":<filename>",
        (Group.FD, Group.SOCKET, Group.NAMED, Group.CHILD, Group.RETRY, Group.UNIX),
        Role.RECEIVE,
        Transport.UNIX,
        "Take one datagram on a UNIX socket and answer its sender",
        parameters=_PATH,
        risk=Risk.WRITES,
    ),
    Kind(
        "UNIX-RECV",
        ":<filename>",
        (*_CLIENT, Group.UNIX),
        Role.RECEIVE,
        Transport.UNIX,
        "Take datagrams from any sender on a UNIX socket, without answering",
        parameters=_PATH,
        direction=Direction.READ,
        risk=Risk.WRITES,
    ),
)
