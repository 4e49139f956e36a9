"""Options of ours that socat does not have.

They exist because socat leaves handshakes, idle peers and half-closed connections without a limit,
and hands the whole environment to every program it starts.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "env",
        (Group.EXEC,),
        Phase.PREEXEC,
        ValueType.NAMES,
        "More environment variables that the program gets: [A,B] or A:B",
        applies=BuiltIn(),
        risk=Risk.DISCLOSES,
        since="catflap",
    ),
    OptionRow(
        "handshake-timeout",
        (Group.OPENSSL,),
        Phase.SPECIFIC,
        ValueType.STRUCT_TIMEVAL,
        "Longest time in seconds that a TLS handshake may take; 0 is no limit",
        applies=BuiltIn(),
        since="catflap",
    ),
    OptionRow(
        "idle-timeout",
        (Group.FD,),
        Phase.LATE,
        ValueType.STRUCT_TIMEVAL,
        "End a session in which no byte has moved for this many seconds; 0 is no limit",
        applies=BuiltIn(),
        since="catflap",
    ),
    OptionRow(
        "half-close-timeout",
        (Group.FD,),
        Phase.LATE,
        ValueType.STRUCT_TIMEVAL,
        "End a half-closed session after this many seconds without a byte; 0 is no limit",
        applies=BuiltIn(),
        since="catflap",
    ),
    OptionRow(
        "crl",
        (Group.OPENSSL,),
        Phase.SPECIFIC,
        ValueType.STRING,
        "File or directory of revocation lists; every authority in a peer's chain needs one",
        applies=BuiltIn(),
        since="catflap",
    ),
    OptionRow(
        "on-expiry",
        (Group.OPENSSL,),
        Phase.SPECIFIC,
        ValueType.STRING,
        "What becomes of a session whose certificate expires: end (the default) or keep",
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
        since="catflap",
    ),
    OptionRow(
        "proxy-from",
        (Group.LISTEN,),
        Phase.ACCEPT,
        ValueType.STRING,
        "Take only these proxies, each connection beginning with a PROXY header: networks, or unix",
        applies=BuiltIn(),
        since="catflap",
    ),
    OptionRow(
        "send-proxy",
        (Group.SOCKET,),
        Phase.CONNECTED,
        ValueType.STRING,
        "Tell the far side who the client is by a PROXY header of v1 or v2",
        applies=BuiltIn(),
        since="catflap",
    ),
    OptionRow(
        "via",
        (Group.TCP, Group.VIA),
        Phase.CONNECT,
        ValueType.STRING,
        "Go through another address: a proxy, asked for this target; for TLS any stream",
        applies=BuiltIn(),
        since="catflap",
    ),
)
