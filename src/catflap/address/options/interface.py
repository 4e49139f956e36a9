"""Network interfaces and TUN devices.

Sources: netdevice(7), packet(7), linux/if.h (which flags the driver alone may change),
Documentation/networking/tuntap.rst of the kernel.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)


def _flag(
    name: str,
    text: str,
    *aliases: str,
    risk: Risk = Risk.NONE,
    refused: str = "",
) -> OptionRow:
    return OptionRow(
        name,
        (Group.INTERFACE,),
        Phase.OFFSET,
        ValueType.BOOL,
        text,
        aliases,
        applies=None if refused else BuiltIn(),
        risk=risk,
        refused=refused,
    )


OPTIONS: Final = (
    OptionRow(
        "tun-device",
        (Group.INTERFACE,),
        Phase.OPEN,
        ValueType.STRING,
        "Path of the TUN clone device, if not /dev/net/tun",
        applies=BuiltIn(),
    ),
    OptionRow(
        "tun-name",
        (Group.INTERFACE,),
        Phase.FD,
        ValueType.STRING,
        "Name of the interface to make or join; the kernel picks one otherwise",
        applies=BuiltIn(),
    ),
    OptionRow(
        "tun-type",
        (Group.INTERFACE,),
        Phase.FD,
        ValueType.STRING,
        "tun carries IP packets, tap carries Ethernet frames",
        applies=BuiltIn(),
    ),
    OptionRow(
        "iff-no-pi",
        (Group.INTERFACE,),
        Phase.FD,
        ValueType.BOOL,
        "Leave out the four bytes of packet information before each TUN packet",
        aliases=("no-pi", "tun-no-pi"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "interface-mtu",
        (Group.INTERFACE,),
        Phase.LATE,
        ValueType.UNSIGNED_INT,
        "Largest packet in bytes that the interface carries",
        aliases=("if-mtu",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "retrieve-vlan",
        (Group.INTERFACE,),
        Phase.LATE,
        ValueType.CONST,
        "Put the VLAN tags back that the kernel has taken off packets",
        applies=BuiltIn(),
    ),
    _flag("iff-up", "Switch the interface on", "up"),
    _flag(
        "iff-promisc",
        "Receive the packets of all stations, not only our own",
        "promisc",
        risk=Risk.RAW,
    ),
    _flag("iff-allmulti", "Receive all multicast packets", "allmulti"),
    _flag("iff-multicast", "The interface carries multicast", "multicast"),
    _flag("iff-noarp", "Do without address resolution", "noarp"),
    _flag("iff-debug", "Let the driver report more"),
    _flag("iff-portsel", "The medium of the interface can be chosen", "portsel"),
    _flag("iff-automedia", "The interface chooses its medium by itself", "automedia"),
    _flag(
        "iff-broadcast",
        "The interface has a broadcast address",
        refused="Linux lets only the driver change this flag",
    ),
    _flag(
        "iff-loopback",
        "The interface leads back to this host",
        "loopback",
        refused="Linux lets only the driver change this flag",
    ),
    _flag(
        "iff-pointopoint",
        "The interface leads to one peer",
        "pointopoint",
        refused="Linux lets only the driver change this flag",
    ),
    _flag(
        "iff-running",
        "The interface is operating",
        "running",
        refused="Linux lets only the driver change this flag",
    ),
    _flag(
        "iff-master",
        "The interface bundles others",
        "master",
        refused="Linux lets only the driver change this flag",
    ),
    _flag(
        "iff-slave",
        "The interface is bundled under another",
        "slave",
        refused="Linux lets only the driver change this flag",
    ),
    _flag(
        "iff-notrailers",
        "Do without trailer encapsulation (4.2BSD)",
        "notrailers",
        refused="Linux never had trailers; nothing reads this flag",
    ),
)
