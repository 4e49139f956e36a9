"""UNIX domain sockets in Linux's abstract namespace.

Such a name has no permissions: every process in the same network namespace can connect to it.
Sources: unix(7).
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

_CLIENT: Final = (Group.FD, Group.SOCKET, Group.RETRY, Group.UNIX)
_NAME: Final = (Parameter("name", ParameterType.PATH),)

KINDS: Final = (
    Kind(
        "ABSTRACT-CONNECT",
        ":<filename>",
        _CLIENT,
        Role.CONNECT,
        Transport.ABSTRACT,
        "Connect to a stream socket by its abstract name",
        parameters=_NAME,
    ),
    Kind(
        "ABSTRACT-CLIENT",
        ":<filename>",
        _CLIENT,
        Role.CONNECT,
        Transport.ABSTRACT,
        "Connect to an abstract socket of whatever type: stream, packet or datagram",
        parameters=_NAME,
        aliases=("ABSTRACT",),
    ),
    Kind(
        "ABSTRACT-SENDTO",
        ":<filename>",
        _CLIENT,
        Role.DATAGRAM,
        Transport.ABSTRACT,
        "Send datagrams to an abstract name and take its answers",
        parameters=_NAME,
    ),
    Kind(
        "ABSTRACT-LISTEN",
        ":<filename>",
        (Group.FD, Group.SOCKET, Group.LISTEN, Group.CHILD, Group.RETRY, Group.UNIX),
        Role.LISTEN,
        Transport.ABSTRACT,
        "Accept stream connections on an abstract name, which has no permissions",
        parameters=_NAME,
        risk=Risk.WEAKENS,
    ),
    Kind(
        "ABSTRACT-RECVFROM",
        ":<filename>",
        (Group.FD, Group.SOCKET, Group.CHILD, Group.RETRY, Group.UNIX),
        Role.RECEIVE,
        Transport.ABSTRACT,
        "Take one datagram on an abstract name and answer its sender",
        parameters=_NAME,
        risk=Risk.WEAKENS,
    ),
    Kind(
        "ABSTRACT-RECV",
        ":<filename>",
        _CLIENT,
        Role.RECEIVE,
        Transport.ABSTRACT,
        "Take datagrams from any sender on an abstract name, without answering",
        parameters=_NAME,
        direction=Direction.READ,
        risk=Risk.WEAKENS,
    ),
)
