"""What a TCP socket can be asked.

Sources: tcp(7), linux/tcp.h.
"""

from __future__ import annotations

import socket
from typing import Final

from catflap.address.rows import Group, OptionRow, Phase, SocketOption, ValueType

__all__ = ("OPTIONS",)


def _integer(
    name: str,
    number: int,
    text: str,
    *aliases: str,
    phase: Phase = Phase.PASTSOCKET,
) -> OptionRow:
    return OptionRow(
        name,
        (Group.TCP,),
        phase,
        ValueType.INT,
        text,
        aliases,
        SocketOption(socket.IPPROTO_TCP, number),
    )


OPTIONS: Final = (
    _integer(
        "tcp-nodelay",
        socket.TCP_NODELAY,
        "Send small writes at once instead of gathering them (no Nagle)",
        "nodelay",
    ),
    _integer("tcp-cork", socket.TCP_CORK, "Hold partial segments back, for up to 200 ms", "cork"),
    _integer(
        "tcp-quickack",
        socket.TCP_QUICKACK,
        "Acknowledge at once for now; the kernel may fall back to delaying",
        "quickack",
    ),
    _integer(
        "tcp-keepidle",
        socket.TCP_KEEPIDLE,
        "Seconds of silence before the first keepalive probe",
        "keepidle",
    ),
    _integer(
        "tcp-keepintvl", socket.TCP_KEEPINTVL, "Seconds between keepalive probes", "keepintvl"
    ),
    _integer(
        "tcp-keepcnt",
        socket.TCP_KEEPCNT,
        "Unanswered keepalive probes before the connection is dropped",
        "keepcnt",
    ),
    _integer(
        "tcp-syncnt",
        socket.TCP_SYNCNT,
        "How often a SYN is repeated before connecting fails",
        "syncnt",
    ),
    _integer(
        "tcp-linger2",
        socket.TCP_LINGER2,
        "Seconds that an orphaned connection may stay in FIN_WAIT2",
        "linger2",
    ),
    _integer(
        "tcp-defer-accept",
        socket.TCP_DEFER_ACCEPT,
        "Seconds to wait for a peer's first data before waking the listener",
        "defer-accept",
    ),
    _integer(
        "tcp-window-clamp",
        socket.TCP_WINDOW_CLAMP,
        "Upper bound in bytes of the advertised window",
        "window-clamp",
    ),
    _integer(
        "tcp-maxseg",
        socket.TCP_MAXSEG,
        "Largest segment in bytes, said before connecting",
        "maxseg",
        "mss",
    ),
    _integer(
        "tcp-maxseg-late",
        socket.TCP_MAXSEG,
        "Largest segment in bytes, changed once connected",
        "maxseg-late",
        "mss-late",
        phase=Phase.CONNECTED,
    ),
    OptionRow(
        "tcp-md5sig",
        (Group.TCP,),
        Phase.PASTSOCKET,
        ValueType.INT,
        "Sign segments with an MD5 key (RFC 2385)",
        refused="the kernel wants a peer and a key, which no number can be",
    ),
    OptionRow(
        "tcp-info",
        (Group.TCP,),
        Phase.PASTSOCKET,
        ValueType.INT,
        "State and counters of the connection",
        aliases=("info",),
        refused="it can only be read",
    ),
)
