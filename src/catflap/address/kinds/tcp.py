"""TCP, by either version of IP.

Sources: tcp(7), ip(7), ipv6(7).
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
        "TCP-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.IP6, Group.TCP),
        Role.CONNECT,
        Transport.TCP,
        "Connect to a TCP port, trying each address of the host",
        parameters=_PEER,
        aliases=("INET", "TCP"),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "TCP4-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.TCP),
        Role.CONNECT,
        Transport.TCP,
        "Connect to a TCP port over IPv4 alone",
        parameters=_PEER,
        aliases=("INET4", "TCP4"),
        family="4",
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "TCP6-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP6, Group.TCP),
        Role.CONNECT,
        Transport.TCP,
        "Connect to a TCP port over IPv6 alone",
        parameters=_PEER,
        aliases=("INET6", "TCP6"),
        family="6",
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "TCP-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.IP6, Group.TCP),
        Role.LISTEN,
        Transport.TCP,
        "Accept TCP connections on a port",
        parameters=_PORT,
        aliases=("INET-L", "INET-LISTEN", "TCP-L"),
        risk=Risk.EXPOSES,
    ),
    Kind(
        "TCP4-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.TCP),
        Role.LISTEN,
        Transport.TCP,
        "Accept TCP connections over IPv4 alone",
        parameters=_PORT,
        aliases=("INET4-L", "INET4-LISTEN", "TCP4-L"),
        family="4",
        risk=Risk.EXPOSES,
    ),
    Kind(
        "TCP6-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP6, Group.TCP),
        Role.LISTEN,
        Transport.TCP,
        "Accept TCP connections over IPv6, and IPv4 unless ipv6-v6only is set",
        parameters=_PORT,
        aliases=("INET6-L", "INET6-LISTEN", "TCP6-L"),
        family="6",
        risk=Risk.EXPOSES,
    ),
)
