"""INTERFACE and TUN: whole frames or packets of a network interface (packet(7), tuntap.rst)."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from typing import TYPE_CHECKING, ClassVar, Final

from catflap.address.rows import ParameterType
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel
from catflap.relay.interfaces import INTERFACE_OPTIONS, address_interface, configure_interface
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.packets.addressing import DATAGRAM_FLAGS, explain
from catflap.relay.packets.halves import ConnectedHalf, packet_channel
from catflap.relay.socket_options import SocketSetup

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("InterfaceOpener", "TunOpener", "tagged")

# linux/if_ether.h, linux/if_packet.h, linux/if_tun.h; Python 3.11 has no names for most of them.
_ETH_P_ALL: Final = 3
_SOL_PACKET: Final = 263
_PACKET_AUXDATA: Final = 8
_PACKET_IGNORE_OUTGOING: Final = 23
_TUNSETIFF: Final = 0x400454CA
_IFF_TUN: Final = 0x1
_IFF_TAP: Final = 0x2
_IFF_NO_PI: Final = 0x1000
_VLAN_VALID: Final = 0x10
_TPID_VALID: Final = 0x40
_VLAN_TYPE: Final = 0x8100
_STATIONS_BYTES: Final = 12
"""Both station addresses, which come before a VLAN tag (IEEE 802.1Q)."""


def tagged(frame: bytes, auxiliary: bytes) -> bytes:
    """Return a frame with the VLAN tag that the kernel took off (struct tpacket_auxdata)."""
    status, _, _, _, _, tag, kind = struct.unpack("=IIIHHHH", auxiliary[:20])
    if not status & _VLAN_VALID:
        return frame
    kind = kind if status & _TPID_VALID else _VLAN_TYPE
    return frame[:_STATIONS_BYTES] + struct.pack("!HH", kind, tag) + frame[_STATIONS_BYTES:]


class _TaggedHalf(ConnectedHalf):
    """Puts VLAN tags back into the frames that come."""

    __slots__ = ()

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.read_into = self._tagged_read

    def _tagged_read(self, buffer: memoryview) -> int:
        count, messages, _, _ = self.socket.recvmsg_into([buffer], 256)
        for level, kind, data in messages:
            if (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA):
                frame = tagged(bytes(buffer[:count]), data)
                buffer[: len(frame)] = frame
                return len(frame)
        return count


class InterfaceOpener:
    """Sends and receives whole frames on a network interface."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS | INTERFACE_OPTIONS | {"retrieve-vlan", "so-type", "cloexec"}
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._setup = SocketSetup(side)
        self.target = side.parameter(ParameterType.INTERFACE)

    async def open(self, opening: Opening) -> Channel:
        """Return the channel.

        Raises:
            OperationError: there is no such interface, or it needs CAP_NET_RAW.
        """
        del opening
        what = f"the interface {self.target} cannot be used"
        kind = self._side.number("so-type", socket.SOCK_RAW).value
        try:
            protocol = socket.htons(_ETH_P_ALL)
            sock = socket.socket(socket.AF_PACKET, kind | DATAGRAM_FLAGS, protocol)
        except OSError as error:
            raise explain(what, error) from error
        try:
            # What we send would come back to us, and through the other side once more.
            sock.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
            self._setup.before(sock)
            sock.bind((self.target, _ETH_P_ALL))
            configure_interface(self._side, self.target)
            tags = self._side.last("retrieve-vlan") is not None
            if tags:
                sock.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
            self._setup.after(sock)
        except OSError as error:
            sock.close()
            raise explain(what, error) from error
        except BaseException:
            sock.close()
            raise
        half = _TaggedHalf(sock) if tags else ConnectedHalf(sock)
        return packet_channel(sock, half, half, self.target)

    def close(self) -> None:
        """Nothing is held between sessions."""


class _DeviceHalf:
    """Both halves of a TUN device: one read, one packet."""

    __slots__ = (
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "pollable",
    )

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.pollable = True
        self.bare = True
        self.closes = True
        self.boundaries = True

    def read_into(self, buffer: memoryview) -> int:
        """Read a packet.

        Raises:
            BlockingIOError: none is there.
        """
        return os.readv(self.descriptor, [buffer])

    def buffered(self) -> bool:
        """Nothing hides from poll here."""
        return False

    def write(self, data: memoryview | bytes) -> int:
        """Write a packet.

        Raises:
            OSError: it is none, or the interface is down.
        """
        return os.write(self.descriptor, data)

    def end(self) -> None:
        """A device has no end."""


class TunOpener:
    """Makes a TUN or TAP interface, and is the wire behind it."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | INTERFACE_OPTIONS
        | {"tun-device", "tun-name", "tun-type", "iff-no-pi", "cloexec", "o-nonblock"}
    )

    def __init__(self, side: Side) -> None:
        """Read the address."""
        self._side = side
        self._network = side.parameter(ParameterType.NETWORK)
        self.target = side.text("tun-name").value or "tun"

    async def open(self, opening: Opening) -> Channel:
        """Make the interface.

        Raises:
            OperationError: it cannot be made, or not be set up.
        """
        del opening
        device = self._side.text("tun-device", "/dev/net/tun").value
        try:
            descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            message = f"{device} cannot be opened: {error.strerror}"
            raise OperationError(
                message, "modprobe tun makes it; it needs CAP_NET_ADMIN"
            ) from error
        try:
            name = self._make(descriptor)
            if self._network:
                address_interface(name, self._network)
            configure_interface(self._side, name)
        except BaseException:
            os.close(descriptor)
            raise
        half = _DeviceHalf(descriptor)
        channel = Channel(half, half, name, lambda _abort: os.close(descriptor))
        channel.tells_end = False
        return channel

    def _make(self, descriptor: int) -> str:
        """Return the name of the interface, which the kernel may choose."""
        side = self._side
        kind = side.text("tun-type", "tun").value.lower()
        if kind not in {"tun", "tap"}:
            message = f"tun-type cannot be {kind}"
            raise OperationError(message, "tun or tap")
        flags = _IFF_TUN if kind == "tun" else _IFF_TAP
        flags |= _IFF_NO_PI if side.flag("iff-no-pi").value else 0
        wanted = side.text("tun-name").value.encode()
        request = struct.pack("16sH22x", wanted, flags)
        try:
            found = fcntl.ioctl(descriptor, _TUNSETIFF, request)
        except OSError as error:
            message = f"a {kind} interface cannot be made: {error.strerror}"
            raise OperationError(message, "this needs CAP_NET_ADMIN, or root") from error
        return found[:16].rstrip(b"\0").decode()

    def close(self) -> None:
        """Nothing is held between sessions."""
