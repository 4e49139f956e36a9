"""What a packet tells besides its bytes: when it came, to whom, with which options.

Whoever asks for it by an option (so-timestamp, ip-pktinfo, ip-recvttl ...) finds it in the
environment of a child, under the names that socat uses; the drop-in tells it in its log.
Sources: ip(7), ipv6(7), socket(7), unix(7), cmsg(3).
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from catflap.bridge.side import Side

__all__ = ("ANCILLARY_BYTES", "Detail", "asks_ancillary", "details_of", "facts_of", "told_receive")

ANCILLARY_BYTES: Final = 1024
"""Room for all that one packet can tell."""

_ASKING: Final = frozenset(
    {
        "so-timestamp",
        "ip-pktinfo",
        "ip-recvopts",
        "ip-recvtos",
        "ip-recvttl",
        "ip-retopts",
        "ipv6-recvpktinfo",
        "ipv6-recvhoplimit",
        "ipv6-recvtclass",
        "ipv6-recvdstopts",
        "ipv6-recvhopopts",
        "ipv6-recvrthdr",
        "ipv6-recvpathmtu",
        "ipv6-flowinfo",
        "so-passcred",
    }
)

# linux/in.h and asm-generic/socket.h; Python 3.11 has no names for them.
_IP_TOS: Final = 1
_IP_TTL: Final = 2
_IP_RECVOPTS: Final = 6
_IP_RETOPTS: Final = 7
_IP_PKTINFO: Final = 8
_SO_TIMESTAMP: Final = 29
_TWO_INTS: Final = 8


def asks_ancillary(side: Side) -> bool:
    """Whether an option of this side asks the kernel to tell more of each packet."""
    return any(
        option.row is not None and option.row.name in _ASKING for option in side.address.options
    )


class Detail(NamedTuple):
    """One thing that a packet tells.

    Args:
        message: the control message that says it, such as ``IP_PKTINFO``.
        name: what it is within that message, such as ``dstaddr``.
        variable: the name that a child knows it by.
        value: in the words of the C program.
    """

    message: str
    name: str
    variable: str
    value: str


def _number(data: bytes) -> str:
    return str(int.from_bytes(data[:4], sys.byteorder) if len(data) >= 4 else data[0])


def _interface(index: int) -> str:
    try:
        return socket.if_indextoname(index)
    except OSError:
        return str(index)


def _pktinfo4(data: bytes) -> Iterator[Detail]:
    index, local, destination = struct.unpack("I4s4s", data[:12])
    yield Detail("IP_PKTINFO", "if", "IP_IF", _interface(index))
    yield Detail("IP_PKTINFO", "locaddr", "IP_LOCADDR", socket.inet_ntoa(local))
    yield Detail("IP_PKTINFO", "dstaddr", "IP_DSTADDR", socket.inet_ntoa(destination))


def _pktinfo6(data: bytes) -> Iterator[Detail]:
    address, index = struct.unpack("16sI", data[:20])
    digits = address.hex()
    full = ":".join(digits[at : at + 4] for at in range(0, 32, 4))
    yield Detail("IPV6_PKTINFO", "dstaddr", "IPV6_DSTADDR", f"[{full}]")
    yield Detail("IPV6_PKTINFO", "if", "IPV6_IF", _interface(index))


def _timestamp(data: bytes) -> Iterator[Detail]:
    seconds, micros = struct.unpack("ll", data[:16])
    day = time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(seconds))
    yield Detail("SCM_TIMESTAMP", "timestamp", "TIMESTAMP", f"{day}, {micros:06d} usecs")


def _hexadecimal(data: bytes) -> str:
    return f"x{data.hex()}"


def _word(data: bytes) -> str:
    """Return a number in hexadecimal, its highest byte first."""
    return f"x{int.from_bytes(data[:4], sys.byteorder):08x}"


def _single(
    message: str, name: str, read: Callable[[bytes], str]
) -> Callable[[bytes], Iterator[Detail]]:
    """Return what reads a message with one value; children know it by the message's name."""

    def details(data: bytes) -> Iterator[Detail]:
        yield Detail(message, name, message, read(data))

    return details


_READERS: Final[dict[tuple[int, int], Callable[[bytes], Iterator[Detail]]]] = {
    (socket.SOL_SOCKET, _SO_TIMESTAMP): _timestamp,
    (socket.IPPROTO_IP, _IP_TOS): _single("IP_TOS", "tos", _number),
    (socket.IPPROTO_IP, _IP_TTL): _single("IP_TTL", "ttl", _number),
    (socket.IPPROTO_IP, _IP_RECVOPTS): _single("IP_OPTIONS", "options", _hexadecimal),
    (socket.IPPROTO_IP, _IP_RETOPTS): _single("IP_OPTIONS", "options", _hexadecimal),
    (socket.IPPROTO_IP, _IP_PKTINFO): _pktinfo4,
    (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO): _pktinfo6,
    (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT): _single("IPV6_HOPLIMIT", "hoplimit", _number),
    (socket.IPPROTO_IPV6, socket.IPV6_TCLASS): _single("IPV6_TCLASS", "tclass", _word),
    (socket.IPPROTO_IPV6, socket.IPV6_RTHDR): _single("IPV6_RTHDR", "rthdr", _hexadecimal),
    (socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS): _single("IPV6_DSTOPTS", "dstopts", _hexadecimal),
    (socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS): _single("IPV6_HOPOPTS", "hopopts", _hexadecimal),
}


def details_of(messages: Iterable[tuple[int, int, bytes]]) -> list[Detail]:
    """Return what the control messages of recvmsg(2) say; of those that are not known, nothing.

    Args:
        messages: (level, type, data), as :meth:`socket.socket.recvmsg` gives them.
    """
    found: list[Detail] = []
    for level, kind, data in messages:
        reader = _READERS.get((level, kind))
        if reader is None:
            continue
        try:
            found += reader(data)
        except (struct.error, IndexError):
            continue
    return found


def facts_of(messages: Iterable[tuple[int, int, bytes]]) -> dict[str, str]:
    """Return what control messages say, by names as children know them."""
    return {detail.variable: detail.value for detail in details_of(messages)}


def told_receive(
    sock: socket.socket, tell: Callable[[str], None]
) -> Callable[[memoryview], tuple[int, object]]:
    """Return what receives as :meth:`socket.socket.recvfrom_into`, and tells each detail.

    Args:
        sock: a packet socket.
        tell: hears ``ancillary message: IP_TTL: ttl=64`` for each thing that a packet tells.
    """

    def receive(buffer: memoryview) -> tuple[int, object]:
        count, messages, _, address = sock.recvmsg_into([buffer], ANCILLARY_BYTES)
        for detail in details_of(messages):
            tell(f"ancillary message: {detail.message}: {detail.name}={detail.value}")
        return count, address

    return receive
