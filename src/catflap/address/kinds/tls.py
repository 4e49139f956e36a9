"""TLS over TCP and DTLS over UDP, under socat's names and ours.

TLS and TLS-LISTEN are ours: the same as OPENSSL and OPENSSL-LISTEN, by the name of the protocol.
Sources: RFC 8446, RFC 9147.
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
        "TLS",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.IP6, Group.TCP, Group.OPENSSL),
        Role.CONNECT,
        Transport.TLS,
        "Connect by TLS and verify the server's certificate and name",
        parameters=_PEER,
        since="catflap",
    ),
    Kind(
        "TLS-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.IP6, Group.TCP, Group.OPENSSL),
        Role.LISTEN,
        Transport.TLS,
        "Accept TLS connections from clients that prove who they are",
        parameters=_PORT,
        aliases=("TLS-L",),
        risk=Risk.EXPOSES,
        since="catflap",
    ),
    Kind(
        "TLS-SERVER",
        "",
        (Group.FD, Group.OPENSSL, Group.VIA),
        Role.SERVE,
        Transport.TLS,
        "Be the server of TLS over what via= names: a serial line, a terminal, a program",
        since="catflap",
    ),
    Kind(
        "OPENSSL",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.IP6, Group.TCP, Group.OPENSSL),
        Role.CONNECT,
        Transport.TLS,
        "Connect by TLS over TCP (socat's name for TLS)",
        parameters=_PEER,
        aliases=("OPENSSL-CONNECT", "SSL"),
    ),
    Kind(
        "OPENSSL-LISTEN",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.IP6, Group.TCP, Group.OPENSSL),
        Role.LISTEN,
        Transport.TLS,
        "Accept TLS connections over TCP (socat's name for TLS-LISTEN)",
        parameters=_PORT,
        aliases=("SSL-L",),
        risk=Risk.EXPOSES,
    ),
    Kind(
        "OPENSSL-DTLS-CLIENT",
        ":<host>:<port>",
        (*_CLIENT, Group.IP4, Group.IP6, Group.UDP, Group.OPENSSL),
        Role.CONNECT,
        Transport.DTLS,
        "Connect by DTLS over UDP, keeping message boundaries",
        parameters=_PEER,
        aliases=("DTLS", "DTLS-C", "DTLS-CLIENT", "DTLS-CONNECT", "OPENSSL-DTLS-CONNECT"),
    ),
    Kind(
        "OPENSSL-DTLS-SERVER",
        ":<port>",
        (*_LISTENER, Group.IP4, Group.IP6, Group.UDP, Group.OPENSSL),
        Role.LISTEN,
        Transport.DTLS,
        "Accept DTLS peers on a UDP port",
        parameters=_PORT,
        aliases=("DTLS-L", "DTLS-LISTEN", "DTLS-SERVER", "OPENSSL-DTLS-LISTEN"),
        risk=Risk.EXPOSES,
    ),
)
