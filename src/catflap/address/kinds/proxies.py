"""TCP through an HTTP proxy or a SOCKS server.

The port of the server is the option proxyport or socksport, or for SOCKS5 a parameter of its own.
SOCKS5-LISTEN connects too: it is the server that listens. Sources: RFC 9110, RFC 1928.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Group, Kind, Parameter, ParameterType, Risk, Role, Transport

__all__ = ("KINDS",)

_CLIENT: Final = (Group.FD, Group.SOCKET, Group.CHILD, Group.RETRY, Group.IP4, Group.IP6, Group.TCP)

KINDS: Final = (
    Kind(
        "PROXY",
        ":<proxy-server>:<host>:<port>",
        (*_CLIENT, Group.HTTP),
        Role.CONNECT,
        Transport.TCP,
        "Connect to a host through an HTTP proxy, by CONNECT",
        parameters=(
            Parameter("proxy-server", ParameterType.HOST),
            Parameter("host", ParameterType.HOST),
            Parameter("port", ParameterType.PORT),
        ),
        aliases=("PROXY-CONNECT",),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SOCKS4",
        ":<socks-server>:<host>:<port>",
        (*_CLIENT, Group.SOCKS),
        Role.CONNECT,
        Transport.TCP,
        "Connect through a SOCKS 4 server, resolving the host's name here",
        parameters=(
            Parameter("socks-server", ParameterType.HOST),
            Parameter("host", ParameterType.HOST),
            Parameter("port", ParameterType.PORT),
        ),
        aliases=("SOCKS",),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SOCKS4A",
        ":<socks-server>:<host>:<port>",
        (*_CLIENT, Group.SOCKS),
        Role.CONNECT,
        Transport.TCP,
        "Connect through a SOCKS 4A server, which resolves the host's name",
        parameters=(
            Parameter("socks-server", ParameterType.HOST),
            Parameter("host", ParameterType.HOST),
            Parameter("port", ParameterType.PORT),
        ),
        risk=Risk.PLAINTEXT,
    ),
    Kind(
        "SOCKS5-CONNECT",
        ":<socks-server>[:<socks-port>]:<target-host>:<target-port>",
        (*_CLIENT, Group.SOCKS),
        Role.CONNECT,
        Transport.TCP,
        "Connect through a SOCKS 5 server, which resolves the host's name",
        parameters=(
            Parameter("socks-server", ParameterType.HOST),
            Parameter("socks-port", ParameterType.PORT, optional=True),
            Parameter("target-host", ParameterType.HOST),
            Parameter("target-port", ParameterType.PORT),
        ),
        aliases=("SOCKS5",),
        risk=Risk.PLAINTEXT,
        since="1.8.0",
    ),
    Kind(
        "SOCKS5-LISTEN",
        ":<socks-server>[:<socks-port>]:<listen-host>:<listen-port>",
        (*_CLIENT, Group.SOCKS),
        Role.CONNECT,
        Transport.TCP,
        "Let a SOCKS 5 server wait for one connection and pass it on (BIND)",
        parameters=(
            Parameter("socks-server", ParameterType.HOST),
            Parameter("socks-port", ParameterType.PORT, optional=True),
            Parameter("listen-host", ParameterType.HOST),
            Parameter("listen-port", ParameterType.PORT),
        ),
        aliases=("SOCKS5-BIND",),
        risk=Risk.EXPOSES,
        since="1.8.0",
    ),
)
