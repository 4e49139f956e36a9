"""What an IPv6 socket can be asked.

Sources: ipv6(7), RFC 3493, RFC 3542, linux/in6.h.
"""

from __future__ import annotations

import socket
from typing import Final

from catflap.address.rows import Group, OptionRow, Phase, SocketForm, SocketOption, ValueType

__all__ = ("OPTIONS",)

# linux/in6.h; Python 3.11 has no name for them.
_IPV6_MTU_DISCOVER: Final = 23
_IPV6_RECVERR: Final = 25
_MCAST_JOIN_SOURCE_GROUP: Final = 46


def _integer(name: str, number: int, text: str, *aliases: str) -> OptionRow:
    return OptionRow(
        name,
        (Group.IP6,),
        Phase.PASTSOCKET,
        ValueType.INT,
        text,
        aliases,
        SocketOption(socket.IPPROTO_IPV6, number),
    )


def _refused(name: str, text: str, reason: str, *aliases: str) -> OptionRow:
    return OptionRow(
        name,
        (Group.IP6,),
        Phase.PASTSOCKET,
        ValueType.INT,
        text,
        aliases,
        refused=reason,
    )


OPTIONS: Final = (
    OptionRow(
        "ipv6-join-group",
        (Group.IP6,),
        Phase.PASTSOCKET,
        ValueType.STRUCT_IP_MREQN,
        "Join an IPv6 multicast group: GROUP:INTERFACE",
        aliases=("ipv6-add-membership", "join-group"),
        applies=SocketOption(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, SocketForm.GROUP6),
    ),
    OptionRow(
        "ipv6-join-source-group",
        (Group.IP6,),
        Phase.PASTSOCKET,
        ValueType.GENERIC,
        "Join an IPv6 multicast group for one sender: GROUP:INTERFACE:SOURCE",
        aliases=("ipv6-add-source-membership", "join-source-group"),
        applies=SocketOption(
            socket.IPPROTO_IPV6, _MCAST_JOIN_SOURCE_GROUP, SocketForm.SOURCE_GROUP6
        ),
    ),
    OptionRow(
        "ipv6-mtu-discover",
        (Group.IP4, Group.IP6),
        Phase.PASTSOCKET,
        ValueType.INT,
        "Path MTU discovery over IPv6: 0 never, 1 by route, 2 always, 3 probe",
        aliases=("mtudiscover6",),
        applies=SocketOption(socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER),
    ),
    _integer(
        "ipv6-multicast-loop",
        socket.IPV6_MULTICAST_LOOP,
        "Whether own IPv6 multicast packets come back to this host",
        "ipv6-mcloop",
        "mcloop6",
    ),
    _integer(
        "ipv6-unicast-hops",
        socket.IPV6_UNICAST_HOPS,
        "Hop limit of outgoing unicast packets; -1 is the route's",
        "unicast-hops",
    ),
    _integer(
        "ipv6-tclass",
        socket.IPV6_TCLASS,
        "Traffic class of outgoing packets: DSCP and ECN; -1 is the default",
    ),
    OptionRow(
        "ipv6-v6only",
        (Group.IP6,),
        Phase.PREBIND,
        ValueType.INT,
        "Refuse IPv4 peers on an IPv6 socket",
        aliases=("ipv6only", "v6only"),
        applies=SocketOption(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY),
    ),
    _integer("ipv6-recverr", _IPV6_RECVERR, "Queue ICMPv6 errors with their details"),
    _integer(
        "ipv6-recvpktinfo",
        socket.IPV6_RECVPKTINFO,
        "Learn destination address and interface of each IPv6 datagram",
        "recvpktinfo",
    ),
    _integer(
        "ipv6-recvhoplimit",
        socket.IPV6_RECVHOPLIMIT,
        "Learn the hop limit of each datagram",
        "recvhoplimit",
    ),
    _integer("ipv6-recvtclass", socket.IPV6_RECVTCLASS, "Learn the traffic class of each datagram"),
    _integer(
        "ipv6-recvhopopts",
        socket.IPV6_RECVHOPOPTS,
        "Learn the hop-by-hop options of each datagram",
        "recvhopopts",
    ),
    _integer(
        "ipv6-recvdstopts",
        socket.IPV6_RECVDSTOPTS,
        "Learn the destination options of each datagram",
        "recvdstopts",
    ),
    _integer(
        "ipv6-recvrthdr",
        socket.IPV6_RECVRTHDR,
        "Learn the routing header of each datagram",
        "recvrthdr",
    ),
    _integer("ipv6-recvpathmtu", socket.IPV6_RECVPATHMTU, "Learn when the path MTU changes"),
    _refused(
        "ipv6-authhdr",
        "Learn the authentication header (RFC 2292)",
        "Linux dropped it; RFC 3542 did so before",
        "authhdr",
    ),
    _refused(
        "ipv6-hoplimit",
        "Hop limit as ancillary data of one packet",
        "it goes with a message, not with the socket; use ipv6-unicast-hops",
        "hoplimit",
    ),
    _refused(
        "ipv6-pktinfo",
        "Source address and interface of outgoing packets",
        "the kernel wants an address and an interface, which no number can be",
    ),
    _refused(
        "ipv6-hopopts",
        "Hop-by-hop options of outgoing packets",
        "the kernel wants an extension header, which no number can be",
        "hopopts",
    ),
    _refused(
        "ipv6-dstopts",
        "Destination options of outgoing packets",
        "the kernel wants an extension header, which no number can be",
        "dstopts",
    ),
    _refused(
        "ipv6-rthdr",
        "Routing header of outgoing packets",
        "the kernel wants an extension header, which no number can be",
        "rthdr",
    ),
)
