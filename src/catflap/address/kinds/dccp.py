"""DCCP, by either version of IP; Linux 6.16 retired it.

Sources: RFC 4340.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Group, Kind, Parameter, ParameterType, Risk, Role, Transport

__all__ = ("KINDS",)

_CLIENT: Final = (Group.FD, Group.SOCKET, Group.CHILD, Group.RETRY)
_LISTENER: Final = (Group.FD, Group.SOCKET, Group.LISTEN, Group.CHILD, Group.RETRY, Group.RANGE)
_PEER: Final = (Parameter("host", ParameterType.HOST), Parameter("port", ParameterType.PORT))
_PORT: Final = (Parameter("port", ParameterType.PORT),)

KINDS: Final = (
    Kind(
        "DCCP-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.IP6, Group.DCCP),
        Role.CONNECT,
        Transport.DCCP,
        "Connect to a DCCP port, trying each address of the host",
        parameters=_PEER,
        aliases=("DCCP",),
        risk=Risk.PLAINTEXT,
        since="1.8.0",
    ),
    Kind(
        "DCCP4-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.DCCP),
        Role.CONNECT,
        Transport.DCCP,
        "Connect to a DCCP port over IPv4 alone",
        parameters=_PEER,
        aliases=("DCCP4",),
        family="4",
        risk=Risk.PLAINTEXT,
        since="1.8.0",
    ),
    Kind(
        "DCCP6-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP6, Group.DCCP),
        Role.CONNECT,
        Transport.DCCP,
        "Connect to a DCCP port over IPv6 alone",
        parameters=_PEER,
        aliases=("DCCP6",),
        family="6",
        risk=Risk.PLAINTEXT,
        since="1.8.0",
    ),
    Kind(
        "DCCP-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.IP6, Group.DCCP),
        Role.LISTEN,
        Transport.DCCP,
        "Accept DCCP connections on a port",
        parameters=_PORT,
        aliases=("DCCP-L",),
        risk=Risk.EXPOSES,
        since="1.8.0",
    ),
    Kind(
        "DCCP4-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.DCCP),
        Role.LISTEN,
        Transport.DCCP,
        "Accept DCCP connections over IPv4 alone",
        parameters=_PORT,
        aliases=("DCCP4-L",),
        family="4",
        risk=Risk.EXPOSES,
        since="1.8.0",
    ),
    Kind(
        "DCCP6-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP6, Group.DCCP),
        Role.LISTEN,
        Transport.DCCP,
        "Accept DCCP connections over IPv6, and IPv4 unless ipv6-v6only is set",
        parameters=_PORT,
        aliases=("DCCP6-L",),
        family="6",
        risk=Risk.EXPOSES,
        since="1.8.0",
    ),
)
