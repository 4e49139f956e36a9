"""Sockets of any family and type, named by numbers.

The address is binary: the bytes of the sockaddr after its family.
Sources: socket(2), address_families(7).
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

_PLAIN: Final = (Group.FD, Group.SOCKET)
_FILTERED: Final = (Group.FD, Group.SOCKET, Group.RANGE)
_ANSWERING: Final = (Group.FD, Group.SOCKET, Group.CHILD, Group.RANGE)

KINDS: Final = (
    Kind(
        "SOCKET-CONNECT",
        ":<domain>:<protocol>:<remote-address>",
        (*_PLAIN, Group.CHILD, Group.RETRY),
        Role.CONNECT,
        Transport.SOCKET,
        "Connect a stream socket of any address family",
        parameters=(
            Parameter("domain", ParameterType.NUMBER),
            Parameter("protocol", ParameterType.NUMBER),
            Parameter("remote-address", ParameterType.BINARY),
        ),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SOCKET-LISTEN",
        ":<domain>:<protocol>:<local-address>",
        (*_PLAIN, Group.LISTEN, Group.CHILD, Group.RETRY, Group.RANGE),
        Role.LISTEN,
        Transport.SOCKET,
        "Accept connections on a stream socket of any address family",
        parameters=(
            Parameter("domain", ParameterType.NUMBER),
            Parameter("protocol", ParameterType.NUMBER),
            Parameter("local-address", ParameterType.BINARY),
        ),
        risk=Risk.EXPOSES,
    ),
    Kind(
        "SOCKET-SENDTO",
        ":<domain>:<type>:<protocol>:<remote-address>",
        _PLAIN,
        Role.DATAGRAM,
        Transport.SOCKET,
        "Send messages to one peer and take its answers, on a socket of any kind",
        parameters=(
            Parameter("domain", ParameterType.NUMBER),
            Parameter("type", ParameterType.NUMBER),
            Parameter("protocol", ParameterType.NUMBER),
            Parameter("remote-address", ParameterType.BINARY),
        ),
        aliases=("SENDTO",),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SOCKET-DATAGRAM",
        ":<domain>:<type>:<protocol>:<remote-address>",
        _FILTERED,
        Role.DATAGRAM,
        Transport.SOCKET,
        "Send messages to one address and take them from any, on a socket of any kind",
        parameters=(
            Parameter("domain", ParameterType.NUMBER),
            Parameter("type", ParameterType.NUMBER),
            Parameter("protocol", ParameterType.NUMBER),
            Parameter("remote-address", ParameterType.BINARY),
        ),
        aliases=("DATAGRAM", "DGRAM"),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SOCKET-RECVFROM",
        ":<domain>:<type>:<protocol>:<local-address>",
        _ANSWERING,
        Role.RECEIVE,
        Transport.SOCKET,
        "Take one message on a socket of any kind and answer its sender",
        parameters=(
            Parameter("domain", ParameterType.NUMBER),
            Parameter("type", ParameterType.NUMBER),
            Parameter("protocol", ParameterType.NUMBER),
            Parameter("local-address", ParameterType.BINARY),
        ),
        risk=Risk.EXPOSES,
    ),
    Kind(
        "SOCKET-RECV",
        ":<domain>:<type>:<protocol>:<local-address>",
        _FILTERED,
        Role.RECEIVE,
        Transport.SOCKET,
        "Take messages from any sender on a socket of any kind",
        parameters=(
            Parameter("domain", ParameterType.NUMBER),
            Parameter("type", ParameterType.NUMBER),
            Parameter("protocol", ParameterType.NUMBER),
            Parameter("local-address", ParameterType.BINARY),
        ),
        direction=Direction.READ,
        risk=Risk.EXPOSES,
    ),
)
