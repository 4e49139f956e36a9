"""Ports of every transport that has them, and what is peculiar to UDP-Lite and DCCP.

Sources: ip(7), udplite(7), RFC 3828, linux/dccp.h. Linux 6.16 retired DCCP.
"""

from __future__ import annotations

import socket
from typing import Final

from catflap.address.rows import (
    BuiltIn,
    Group,
    OptionRow,
    Phase,
    SocketForm,
    SocketOption,
    ValueType,
)

__all__ = ("OPTIONS",)

# linux/socket.h and linux/dccp.h; Python has no name for them.
_SOL_DCCP: Final = 269
_DCCP_SOCKOPT_CCID: Final = 13

OPTIONS: Final = (
    OptionRow(
        "sourceport",
        (Group.UDP, Group.TCP, Group.SCTP, Group.DCCP, Group.UDPLITE),
        Phase.LATE,
        ValueType.UNSIGNED_SHORT,
        "Client: bind this local port. Listener: admit only peers from this port",
        aliases=("sp",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "lowport",
        (Group.UDP, Group.TCP, Group.SCTP, Group.DCCP, Group.UDPLITE),
        Phase.LATE,
        ValueType.BOOL,
        "Client: bind a port below 1024. Listener: admit only peers from such ports",
        applies=BuiltIn(),
    ),
    OptionRow(
        "udplite-send-cscov",
        (Group.UDPLITE,),
        Phase.FD,
        ValueType.INT,
        "Bytes from the header on that the checksum of sent packets covers; 0 is all",
        applies=SocketOption(socket.IPPROTO_UDPLITE, socket.UDPLITE_SEND_CSCOV),
    ),
    OptionRow(
        "udplite-recv-cscov",
        (Group.UDPLITE,),
        Phase.FD,
        ValueType.INT,
        "Least checksum coverage in bytes that a received packet must have",
        applies=SocketOption(socket.IPPROTO_UDPLITE, socket.UDPLITE_RECV_CSCOV),
    ),
    OptionRow(
        "dccp-set-ccid",
        (Group.DCCP,),
        Phase.PASTSOCKET,
        ValueType.BYTE,
        "Congestion control of both directions: 2 TCP-like, 3 TCP-friendly rate",
        aliases=("ccid",),
        applies=SocketOption(_SOL_DCCP, _DCCP_SOCKOPT_CCID, SocketForm.BYTE),
    ),
)
