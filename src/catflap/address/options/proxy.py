"""What is said to an HTTP proxy or a SOCKS server.

Sources: RFC 9110 (CONNECT), RFC 7617, RFC 1928, RFC 1929, the SOCKS 4 and 4A notes.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "proxyport",
        (Group.HTTP,),
        Phase.LATE,
        ValueType.STRING,
        "Port of the HTTP proxy, 8080 unless said",
        applies=BuiltIn(),
    ),
    OptionRow(
        "proxy-authorization",
        (Group.HTTP,),
        Phase.LATE,
        ValueType.STRING,
        "Name and password for the proxy as NAME:PASSWORD; shows in the process list",
        aliases=("proxy-auth", "proxyauth"),
        applies=BuiltIn(),
        risk=Risk.DISCLOSES,
    ),
    OptionRow(
        "proxy-authorization-file",
        (Group.HTTP,),
        Phase.LATE,
        ValueType.STRING,
        "File that holds NAME:PASSWORD for the proxy",
        aliases=("proxyauthfile",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "proxy-resolve",
        (Group.HTTP,),
        Phase.LATE,
        ValueType.BOOL,
        "Look the target's name up here and send its address to the proxy",
        aliases=("resolv", "resolve"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "http-version",
        (Group.HTTP,),
        Phase.LATE,
        ValueType.STRING,
        "HTTP version named in the CONNECT request, 1.0 unless said",
        applies=BuiltIn(),
    ),
    OptionRow(
        "ignorecr",
        (Group.HTTP,),
        Phase.LATE,
        ValueType.BOOL,
        "Accept header lines that end in LF alone",
        applies=BuiltIn(),
    ),
    OptionRow(
        "socksport",
        (Group.SOCKS,),
        Phase.LATE,
        ValueType.STRING,
        "Port of the SOCKS server, 1080 unless said",
        applies=BuiltIn(),
    ),
    OptionRow(
        "socksuser",
        (Group.SOCKS,),
        Phase.LATE,
        ValueType.STRING,
        "User name for the SOCKS server; in socat's dialect the login name unless said",
        applies=BuiltIn(),
        risk=Risk.DISCLOSES,
    ),
    OptionRow(
        "sockspass",
        (Group.SOCKS,),
        Phase.LATE,
        ValueType.STRING,
        "Password for a SOCKS5 server; sent readable and shows in the process list",
        applies=BuiltIn(),
        risk=Risk.DISCLOSES,
    ),
    OptionRow(
        "sockspass-file",
        (Group.SOCKS,),
        Phase.LATE,
        ValueType.STRING,
        "File that holds the password for a SOCKS5 server",
        applies=BuiltIn(),
        since="catflap",
    ),
)
