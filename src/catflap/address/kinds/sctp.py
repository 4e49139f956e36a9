"""SCTP with one stream, by either version of IP.

Sources: sctp(7), RFC 9260.
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
        "SCTP-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.IP6, Group.SCTP),
        Role.CONNECT,
        Transport.SCTP,
        "Connect to an SCTP port, trying each address of the host",
        parameters=_PEER,
        aliases=("SCTP",),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SCTP4-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.SCTP),
        Role.CONNECT,
        Transport.SCTP,
        "Connect to an SCTP port over IPv4 alone",
        parameters=_PEER,
        aliases=("SCTP4",),
        family="4",
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SCTP6-CONNECT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP6, Group.SCTP),
        Role.CONNECT,
        Transport.SCTP,
        "Connect to an SCTP port over IPv6 alone",
        parameters=_PEER,
        aliases=("SCTP6",),
        family="6",
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SCTP-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.IP6, Group.SCTP),
        Role.LISTEN,
        Transport.SCTP,
        "Accept SCTP associations on a port",
        parameters=_PORT,
        aliases=("SCTP-L",),
        risk=Risk.EXPOSES,
    ),
    Kind(
        "SCTP4-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.SCTP),
        Role.LISTEN,
        Transport.SCTP,
        "Accept SCTP associations over IPv4 alone",
        parameters=_PORT,
        aliases=("SCTP4-L",),
        family="4",
        risk=Risk.EXPOSES,
    ),
    Kind(
        "SCTP6-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP6, Group.SCTP),
        Role.LISTEN,
        Transport.SCTP,
        "Accept SCTP associations over IPv6, and IPv4 unless ipv6-v6only is set",
        parameters=_PORT,
        aliases=("SCTP6-L",),
        family="6",
        risk=Risk.EXPOSES,
    ),
)
