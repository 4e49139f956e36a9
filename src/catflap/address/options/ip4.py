"""What an IPv4 socket can be asked; most of it holds for IPv6 sockets that carry IPv4 too.

Sources: ip(7), linux/in.h.
"""

from __future__ import annotations

import socket
from typing import Final

from catflap.address.rows import Group, OptionRow, Phase, Risk, SocketForm, SocketOption, ValueType

__all__ = ("OPTIONS",)

# linux/in.h; Python 3.11 has no name for them.
_IP_ROUTER_ALERT: Final = 5
_IP_PKTINFO: Final = 8
_IP_MTU_DISCOVER: Final = 10
_IP_RECVERR: Final = 11
_IP_RECVTTL: Final = 12
_IP_FREEBIND: Final = 15
_IP_ADD_SOURCE_MEMBERSHIP: Final = 39


def _integer(
    name: str,
    number: int,
    text: str,
    *aliases: str,
    risk: Risk = Risk.NONE,
) -> OptionRow:
    return OptionRow(
        name,
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.INT,
        text,
        aliases,
        SocketOption(socket.IPPROTO_IP, number),
        risk,
    )


OPTIONS: Final = (
    OptionRow(
        "ip-add-membership",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.STRUCT_IP_MREQN,
        "Join a multicast group: GROUP:INTERFACE or GROUP:ADDRESS[:INTERFACE]",
        aliases=("add-membership", "ip-membership", "membership"),
        applies=SocketOption(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, SocketForm.GROUP),
    ),
    OptionRow(
        "ip-add-source-membership",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.IP_MREQ_SOURCE,
        "Join a multicast group for one sender: GROUP:ADDRESS:SOURCE",
        aliases=("add-source-membership", "source-membership"),
        applies=SocketOption(socket.IPPROTO_IP, _IP_ADD_SOURCE_MEMBERSHIP, SocketForm.SOURCE_GROUP),
    ),
    _integer(
        "ip-freebind",
        _IP_FREEBIND,
        "Bind an address that this host does not have yet",
        "freebind",
        "ipfreebind",
    ),
    _integer(
        "ip-hdrincl",
        socket.IP_HDRINCL,
        "Written packets carry their own IP header (raw sockets)",
        "hdrincl",
        "iphdrincl",
        risk=Risk.RAW,
    ),
    OptionRow(
        "ip-mtu",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.INT,
        "Path MTU of a connected socket",
        aliases=("ipmtu", "mtu"),
        refused="it can only be read",
    ),
    _integer(
        "ip-mtu-discover",
        _IP_MTU_DISCOVER,
        "Path MTU discovery: 0 never, 1 by route, 2 always (don't fragment), 3 probe",
        "ipmtudiscover",
        "mtudiscover",
    ),
    OptionRow(
        "ip-multicast-if",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.IP4NAME,
        "Address of the interface that multicast packets leave by",
        aliases=("multicast-if",),
        applies=SocketOption(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, SocketForm.HOST),
    ),
    OptionRow(
        "ip-multicast-loop",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.BYTE,
        "Whether own multicast packets come back to this host",
        aliases=("ipmulticastloop", "mcloop", "multicast-loop", "multicastloop"),
        applies=SocketOption(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, SocketForm.BYTE),
    ),
    OptionRow(
        "ip-multicast-ttl",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.BYTE,
        "How many hops multicast packets may travel; 1 keeps them on the link",
        aliases=("ipmulticastttl", "multicast-ttl", "multicastttl"),
        applies=SocketOption(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, SocketForm.BYTE),
    ),
    OptionRow(
        "ip-options",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.BIN,
        "IP header options of outgoing packets, in binary notation",
        aliases=("ipoptions",),
        applies=SocketOption(socket.IPPROTO_IP, socket.IP_OPTIONS, SocketForm.BINARY),
        risk=Risk.WEAKENS,
    ),
    _integer(
        "ip-pktinfo",
        _IP_PKTINFO,
        "Learn the destination address and interface of each datagram",
        "ippktinfo",
        "pktinfo",
    ),
    OptionRow(
        "ip-pktoptions",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.INT,
        "Header options of received packets",
        aliases=("ippktoptions", "pktoptions", "pktopts"),
        refused="Linux lets nobody set it",
    ),
    _integer(
        "ip-recverr", _IP_RECVERR, "Queue ICMP errors with their details", "iprecverr", "recverr"
    ),
    _integer(
        "ip-recvopts",
        socket.IP_RECVOPTS,
        "Learn the IP options of each datagram",
        "iprecvopts",
        "recvopts",
    ),
    _integer(
        "ip-recvtos",
        socket.IP_RECVTOS,
        "Learn the type of service of each datagram",
        "iprecvtos",
        "recvtos",
    ),
    _integer(
        "ip-recvttl", _IP_RECVTTL, "Learn the time to live of each datagram", "iprecvttl", "recvttl"
    ),
    _integer(
        "ip-retopts",
        socket.IP_RETOPTS,
        "Learn the raw IP options of each datagram, unprocessed",
        "ipretopts",
        "retopts",
    ),
    _integer(
        "ip-router-alert",
        _IP_ROUTER_ALERT,
        "Get the packets that carry the Router Alert option (raw sockets)",
        "iprouteralert",
        "routeralert",
        risk=Risk.RAW,
    ),
    _integer(
        "ip-tos",
        socket.IP_TOS,
        "Type of service byte of outgoing packets: DSCP and ECN",
        "iptos",
        "tos",
    ),
    OptionRow(
        "ip-transparent",
        (Group.IP4, Group.IP6),
        Phase.PREBIND,
        ValueType.BOOL,
        "Bind and accept for addresses of other hosts; needs CAP_NET_ADMIN (TPROXY)",
        aliases=("transparent",),
        applies=SocketOption(socket.IPPROTO_IP, socket.IP_TRANSPARENT),
        risk=Risk.RAW,
    ),
    _integer("ip-ttl", socket.IP_TTL, "Time to live of outgoing packets", "ipttl", "ttl"),
)
