"""Raw IP: packets of a protocol given by its number, for root or CAP_NET_RAW.

Sources: raw(7).
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
_PEER: Final = (Parameter("host", ParameterType.HOST), Parameter("protocol", ParameterType.NUMBER))
_PROTOCOL: Final = (Parameter("protocol", ParameterType.NUMBER),)

KINDS: Final = (
    Kind(
        "IP-SENDTO",
        ":<host>:<protocol>",
        (*_PLAIN, Group.IP4, Group.IP6),
        Role.DATAGRAM,
        Transport.IP,
        "Send raw packets of a protocol to one host and take its answers",
        parameters=_PEER,
        aliases=("IP", "IP-SEND"),
        risk=Risk.RAW,
    ),
    Kind(
        "IP-DATAGRAM",
        ":<host>:<protocol>",
        (*_FILTERED, Group.IP4, Group.IP6),
        Role.DATAGRAM,
        Transport.IP,
        "Send raw packets to one host or group and take them from any host",
        parameters=_PEER,
        aliases=("IP-DGRAM",),
        risk=Risk.RAW,
    ),
    Kind(
        "IP-RECVFROM",
        ":<protocol>",
        (*_ANSWERING, Group.IP4, Group.IP6),
        Role.RECEIVE,
        Transport.IP,
        "Take one raw packet of a protocol and answer its sender",
        parameters=_PROTOCOL,
        risk=Risk.RAW,
    ),
    Kind(
        "IP-RECV",
        ":<protocol>",
        (*_FILTERED, Group.IP4, Group.IP6),
        Role.RECEIVE,
        Transport.IP,
        "Take raw packets of a protocol from any host, without answering",
        parameters=_PROTOCOL,
        direction=Direction.READ,
        risk=Risk.RAW,
    ),
    Kind(
        "IP4-SENDTO",
        ":<host>:<protocol>",
        (*_PLAIN, Group.IP4),
        Role.DATAGRAM,
        Transport.IP,
        "Send raw packets of a protocol to one host and take its answers, over IPv4 alone",
        parameters=_PEER,
        aliases=("IP4", "IP4-SEND"),
        family="4",
        risk=Risk.RAW,
    ),
    Kind(
        "IP4-DATAGRAM",
        ":<host>:<protocol>",
        (*_FILTERED, Group.IP4),
        Role.DATAGRAM,
        Transport.IP,
        "Send raw packets to one host or group and take them from any host, over IPv4 alone",
        parameters=_PEER,
        aliases=("IP4-DGRAM",),
        family="4",
        risk=Risk.RAW,
    ),
    Kind(
        "IP4-RECVFROM",
        ":<protocol>",
        (*_ANSWERING, Group.IP4),
        Role.RECEIVE,
        Transport.IP,
        "Take one raw packet of a protocol and answer its sender, over IPv4 alone",
        parameters=_PROTOCOL,
        family="4",
        risk=Risk.RAW,
    ),
    Kind(
        "IP4-RECV",
        ":<protocol>",
        (*_FILTERED, Group.IP4),
        Role.RECEIVE,
        Transport.IP,
        "Take raw packets of a protocol from any host over IPv4 alone, without answering",
        parameters=_PROTOCOL,
        family="4",
        direction=Direction.READ,
        risk=Risk.RAW,
    ),
    Kind(
        "IP6-SENDTO",
        ":<host>:<protocol>",
        (*_PLAIN, Group.IP6),
        Role.DATAGRAM,
        Transport.IP,
        "Send raw packets of a protocol to one host and take its answers, over IPv6 alone",
        parameters=_PEER,
        aliases=("IP6", "IP6-SEND"),
        family="6",
        risk=Risk.RAW,
    ),
    Kind(
        "IP6-DATAGRAM",
        ":<host>:<protocol>",
        (*_FILTERED, Group.IP6),
        Role.DATAGRAM,
        Transport.IP,
        "Send raw packets to one host or group and take them from any host, over IPv6 alone",
        parameters=_PEER,
        aliases=("IP6-DGRAM",),
        family="6",
        risk=Risk.RAW,
    ),
    Kind(
        "IP6-RECVFROM",
        ":<protocol>",
        (*_ANSWERING, Group.IP6),
        Role.RECEIVE,
        Transport.IP,
        "Take one raw packet of a protocol and answer its sender, over IPv6 alone",
        parameters=_PROTOCOL,
        family="6",
        risk=Risk.RAW,
    ),
    Kind(
        "IP6-RECV",
        ":<protocol>",
        (*_FILTERED, Group.IP6),
        Role.RECEIVE,
        Transport.IP,
        "Take raw packets of a protocol from any host over IPv6 alone, without answering",
        parameters=_PROTOCOL,
        family="6",
        direction=Direction.READ,
        risk=Risk.RAW,
    ),
)
