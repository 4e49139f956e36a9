"""Network interfaces: their flags, MTU and addresses by ioctl(2) (netdevice(7))."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from typing import TYPE_CHECKING, Final

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("INTERFACE_OPTIONS", "address_interface", "configure_interface")

# linux/sockios.h and linux/if.h
_SIOCGIFFLAGS: Final = 0x8913
_SIOCSIFFLAGS: Final = 0x8914
_SIOCSIFADDR: Final = 0x8916
_SIOCSIFNETMASK: Final = 0x891C
_SIOCSIFMTU: Final = 0x8922

_FLAGS: Final = {
    "iff-up": 0x1,
    "iff-debug": 0x4,
    "iff-noarp": 0x80,
    "iff-promisc": 0x100,
    "iff-allmulti": 0x200,
    "iff-multicast": 0x1000,
    "iff-portsel": 0x2000,
    "iff-automedia": 0x4000,
}
_NAME_BYTES: Final = 16

INTERFACE_OPTIONS: Final = frozenset(_FLAGS) | {"interface-mtu"}
"""Options that :func:`configure_interface` applies."""


def _request(name: str, data: bytes) -> bytes:
    """Return a struct ifreq; the kernel wants 40 bytes of it on every 64-bit machine."""
    encoded = name.encode()
    if len(encoded) >= _NAME_BYTES:
        message = f"the interface name {name} is longer than 15 bytes"
        raise OperationError(message)
    return encoded.ljust(_NAME_BYTES, b"\0") + data.ljust(24, b"\0")


def configure_interface(side: Side, name: str) -> None:
    """Apply the flags and the MTU that an address asks of its interface.

    Raises:
        OperationError: the kernel refuses; most of it needs CAP_NET_ADMIN.
    """
    on = off = 0
    for option, bit in _FLAGS.items():
        if side.last(option) is None:
            continue
        if side.flag(option).value:
            on |= bit
        else:
            off |= bit
    mtu = side.number("interface-mtu").value
    if not (on or off or mtu):
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        try:
            if mtu:
                fcntl.ioctl(control, _SIOCSIFMTU, _request(name, struct.pack("=i", mtu)))
            if on or off:
                found = fcntl.ioctl(control, _SIOCGIFFLAGS, _request(name, b""))
                (flags,) = struct.unpack_from("=H", found, _NAME_BYTES)
                flags = (flags | on) & ~off & 0xFFFF
                fcntl.ioctl(control, _SIOCSIFFLAGS, _request(name, struct.pack("=H", flags)))
        except OSError as error:
            message = f"the interface {name} cannot be set up: {error.strerror}"
            raise OperationError(message, "this needs CAP_NET_ADMIN, or root") from error


def address_interface(name: str, network: str) -> None:
    """Give an interface an IPv4 address and the mask that goes with it.

    Args:
        name: of the interface.
        network: ``ADDRESS/BITS`` or ``ADDRESS:MASK``.

    Raises:
        OperationError: it is no address, or the kernel refuses.
    """
    try:
        found = ipaddress.IPv4Interface(network.replace(":", "/"))
    except ValueError as error:
        message = f"{network} is not an IPv4 address with a network's width"
        raise OperationError(message, "such as 192.168.255.1/24") from error
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        try:
            for request, address in ((_SIOCSIFADDR, found.ip), (_SIOCSIFNETMASK, found.netmask)):
                packed = struct.pack("=HH4s8x", socket.AF_INET, 0, address.packed)
                fcntl.ioctl(control, request, _request(name, packed))
        except OSError as error:
            message = f"the interface {name} cannot have the address {network}: {error.strerror}"
            raise OperationError(message, "this needs CAP_NET_ADMIN, or root") from error
