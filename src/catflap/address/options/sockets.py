"""What any socket can be asked.

Sources: socket(7), unix(7), packet(7), asm-generic/socket.h.
"""

from __future__ import annotations

import socket
from typing import Final

from catflap.address.rows import (
    BuiltIn,
    Control,
    ControlForm,
    Group,
    OptionRow,
    Phase,
    Risk,
    SocketForm,
    SocketOption,
    ValueType,
)

__all__ = ("OPTIONS",)

# asm-generic/socket.h; Python 3.11 has no name for them.
_SO_NO_CHECK: Final = 11
_SO_DETACH_FILTER: Final = 27
_SO_TIMESTAMP: Final = 29
_SO_RCVTIMEO: Final = 20
_SO_SNDTIMEO: Final = 21
_FIOSETOWN: Final = 0x8901
_SIOCSPGRP: Final = 0x8902
_ANY: Final = SocketOption(0, 0, SocketForm.ANY)


def _integer(
    name: str,
    number: int,
    text: str,
    *aliases: str,
    phase: Phase = Phase.PASTSOCKET,
    risk: Risk = Risk.NONE,
) -> OptionRow:
    return OptionRow(
        name,
        (Group.SOCKET,),
        phase,
        ValueType.INT,
        text,
        aliases,
        SocketOption(socket.SOL_SOCKET, number),
        risk,
    )


def _refused(name: str, text: str, reason: str, *aliases: str) -> OptionRow:
    return OptionRow(
        name,
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.INT,
        text,
        aliases,
        refused=reason,
    )


OPTIONS: Final = (
    _integer(
        "so-broadcast", socket.SO_BROADCAST, "Allow datagrams to broadcast addresses", "broadcast"
    ),
    _integer(
        "so-debug",
        socket.SO_DEBUG,
        "Let the protocol record debugging facts; needs CAP_NET_ADMIN",
        "debug",
    ),
    _integer(
        "so-dontroute",
        socket.SO_DONTROUTE,
        "Send to directly connected hosts only, past the routing table",
        "dontroute",
    ),
    _integer(
        "so-keepalive",
        socket.SO_KEEPALIVE,
        "Probe a silent peer, so that a vanished one is noticed",
        "keepalive",
        phase=Phase.FD,
    ),
    _integer(
        "so-oobinline", socket.SO_OOBINLINE, "Put urgent bytes into the normal stream", "oobinline"
    ),
    _integer(
        "so-passcred",
        socket.SO_PASSCRED,
        "Receive the sender's pid, uid and gid with each message of a UNIX socket",
        "passcred",
    ),
    _integer(
        "so-priority",
        socket.SO_PRIORITY,
        "Queueing priority of packets, 0 to 6; above that needs CAP_NET_ADMIN",
        "priority",
    ),
    _integer(
        "so-rcvbuf",
        socket.SO_RCVBUF,
        "Receive buffer in bytes, set before connecting; the kernel doubles it",
        "rcvbuf",
    ),
    _integer(
        "so-rcvbuf-late",
        socket.SO_RCVBUF,
        "Receive buffer in bytes, set once connected; the kernel doubles it",
        "rcvbuf-late",
        phase=Phase.LATE,
    ),
    _integer(
        "so-sndbuf",
        socket.SO_SNDBUF,
        "Send buffer in bytes, set before connecting; the kernel doubles it",
        "sndbuf",
    ),
    _integer(
        "so-sndbuf-late",
        socket.SO_SNDBUF,
        "Send buffer in bytes, set once connected; the kernel doubles it",
        "sndbuf-late",
        phase=Phase.LATE,
    ),
    _integer(
        "so-rcvlowat",
        socket.SO_RCVLOWAT,
        "A read waits until this many bytes are there",
        "rcvlowat",
    ),
    _refused(
        "so-sndlowat",
        "Room in bytes before the socket counts as writable",
        "Linux fixes it at one byte and lets nobody change it",
        "sndlowat",
    ),
    OptionRow(
        "so-rcvtimeo",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.STRUCT_TIMEVAL,
        "Longest wait in seconds of one blocking receive",
        aliases=("rcvtimeo",),
        applies=SocketOption(socket.SOL_SOCKET, _SO_RCVTIMEO, SocketForm.TIMEVAL),
    ),
    OptionRow(
        "so-sndtimeo",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.STRUCT_TIMEVAL,
        "Longest wait in seconds of one blocking send",
        aliases=("sndtimeo",),
        applies=SocketOption(socket.SOL_SOCKET, _SO_SNDTIMEO, SocketForm.TIMEVAL),
    ),
    OptionRow(
        "so-linger",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.STRUCT_LINGER,
        "On close, wait up to this many seconds for data to be sent; 0 resets",
        aliases=("linger",),
        applies=SocketOption(socket.SOL_SOCKET, socket.SO_LINGER, SocketForm.LINGER),
    ),
    OptionRow(
        "so-reuseaddr",
        (Group.SOCKET,),
        Phase.PREBIND,
        ValueType.INT_NULL,
        "Bind although old connections linger on the port; empty leaves the default",
        aliases=("reuseaddr",),
        applies=SocketOption(socket.SOL_SOCKET, socket.SO_REUSEADDR),
    ),
    _integer(
        "so-reuseport",
        socket.SO_REUSEPORT,
        "Let several sockets of one user share the port; the kernel spreads the peers",
        "reuseport",
        phase=Phase.PREBIND,
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "so-bindtodevice",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.STRING,
        "Send and receive by this network interface alone",
        aliases=("bindtodevice", "if", "interface"),
        applies=SocketOption(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, SocketForm.STRING),
    ),
    _integer(
        "so-no-check", _SO_NO_CHECK, "Send UDP over IPv4 without a checksum", "no-check", "nocheck"
    ),
    _integer(
        "so-timestamp", _SO_TIMESTAMP, "Receive the arrival time with each datagram", "timestamp"
    ),
    _integer(
        "so-detach-filter",
        _SO_DETACH_FILTER,
        "Take off the packet filter attached to the socket",
        "detach-filter",
        "detachfilter",
    ),
    _refused(
        "so-attach-filter",
        "Attach a packet filter to the socket",
        "the kernel wants a BPF program here, which no number can be",
        "attach-filter",
        "attachfilter",
    ),
    _refused("so-acceptconn", "Whether the socket listens", "it can only be read", "acceptconn"),
    _refused("so-error", "The error pending on the socket", "it can only be read", "error"),
    OptionRow(
        "so-peercred",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.INT_3,
        "The pid, uid and gid of the peer of a UNIX socket",
        aliases=("peercred",),
        refused="it can only be read",
    ),
    _refused(
        "so-bsdcompat",
        "Forget ICMP errors on UDP sockets, as BSD did",
        "Linux takes it and does nothing",
        "bsdcompat",
    ),
    _refused(
        "so-security-authentication",
        "Authentication level of IPv6 packets (RFC 2292 era)",
        "Linux has a number for it and never built it",
        "security-authentication",
        "securityauthentication",
    ),
    _refused(
        "so-security-encryption-network",
        "Network layer encryption level of IPv6",
        "Linux has a number for it and never built it",
        "security-encryption-network",
        "securityencryptionnetwork",
    ),
    _refused(
        "so-security-encryption-transport",
        "Transport layer encryption level of IPv6",
        "Linux has a number for it and never built it",
        "security-encryption-transport",
        "securityencryptiontransport",
    ),
    OptionRow(
        "so-type",
        (Group.SOCKET,),
        Phase.SOCKET,
        ValueType.INT,
        "Second argument of socket(2): 1 stream, 2 datagram, 5 packet stream",
        aliases=("socktype", "type"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "so-protocol",
        (Group.SOCKET,),
        Phase.SOCKET,
        ValueType.INT,
        "Third argument of socket(2): the protocol number",
        aliases=("protocol", "prototype", "so-prototype"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "protocol-family",
        (Group.SOCKET,),
        Phase.PRESOCKET,
        ValueType.STRING,
        "Address family of the socket: ip4, ip6, unix or a number",
        aliases=("pf",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "bind",
        (Group.SOCKET,),
        Phase.BIND,
        ValueType.STRING,
        "Local address, and port if it is not given elsewhere",
        applies=BuiltIn(),
        risk=Risk.EXPOSES,
    ),
    OptionRow(
        "connect-timeout",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.STRUCT_TIMEVAL,
        "Longest time in seconds that connecting may take",
        applies=BuiltIn(),
    ),
    OptionRow(
        "null-eof",
        (Group.SOCKET,),
        Phase.OFFSET,
        ValueType.BOOL,
        "Take an empty datagram for the end of the stream",
        applies=BuiltIn(),
    ),
    OptionRow(
        "fiosetown",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.INT,
        "Process, or minus the group, that gets SIGIO and SIGURG (ioctl FIOSETOWN)",
        applies=Control(ControlForm.POINTER, _FIOSETOWN),
    ),
    OptionRow(
        "siocspgrp",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.INT,
        "Process, or minus the group, that gets SIGIO and SIGURG (ioctl SIOCSPGRP)",
        applies=Control(ControlForm.POINTER, _SIOCSPGRP),
    ),
    OptionRow(
        "setsockopt",
        (Group.SOCKET,),
        Phase.CONNECTED,
        ValueType.INT_INT_BIN,
        "Any option of a connected socket as LEVEL:NUMBER:DATA",
        aliases=("sockopt",),
        applies=_ANY,
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "setsockopt-bin",
        (Group.SOCKET,),
        Phase.CONNECTED,
        ValueType.INT_INT_BIN,
        "Any option of a connected socket as LEVEL:NUMBER:DATA, data in binary notation",
        aliases=("sockopt-bin",),
        applies=_ANY,
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "setsockopt-int",
        (Group.SOCKET,),
        Phase.CONNECTED,
        ValueType.INT_INT_INT,
        "Any option of a connected socket as LEVEL:NUMBER:INTEGER",
        aliases=("sockopt-int",),
        applies=_ANY,
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "setsockopt-string",
        (Group.SOCKET,),
        Phase.CONNECTED,
        ValueType.INT_INT_STRING,
        "Any option of a connected socket as LEVEL:NUMBER:TEXT",
        aliases=("sockopt-string",),
        applies=_ANY,
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "setsockopt-connected",
        (Group.SOCKET,),
        Phase.CONNECTED,
        ValueType.INT_INT_BIN,
        "LEVEL:NUMBER:DATA, set again on each socket once it is connected",
        aliases=("sockopt-conn",),
        applies=_ANY,
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "setsockopt-listen",
        (Group.SOCKET,),
        Phase.PREBIND,
        ValueType.INT_INT_BIN,
        "LEVEL:NUMBER:DATA, set before bind, thus on the listening socket",
        aliases=("sockopt-listen",),
        applies=_ANY,
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "setsockopt-socket",
        (Group.SOCKET,),
        Phase.PASTSOCKET,
        ValueType.INT_INT_BIN,
        "LEVEL:NUMBER:DATA, set right after the socket is made",
        aliases=("sockopt-sock",),
        applies=_ANY,
        risk=Risk.WEAKENS,
    ),
)
