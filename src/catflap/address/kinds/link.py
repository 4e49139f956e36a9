"""The link layer: network interfaces and TUN devices.

Sources: packet(7), Documentation/networking/tuntap.rst of the kernel.
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Group, Kind, Parameter, ParameterType, Risk, Role, Transport

__all__ = ("KINDS",)

KINDS: Final = (
    Kind(
        "INTERFACE",
        ":<interface>",
        (Group.FD, Group.SOCKET, Group.INTERFACE),
        Role.DEVICE,
        Transport.LINK,
        "Send and receive whole frames on a network interface",
        parameters=(Parameter("interface", ParameterType.INTERFACE),),
        aliases=("IF",),
        risk=Risk.RAW,
    ),
    Kind(
        "TUN",
        "[:<ip-addr>/<bits>]",
        (Group.FD, Group.CHR, Group.OPEN, Group.INTERFACE),
        Role.DEVICE,
        Transport.LINK,
        "Make a TUN or TAP interface and be the wire behind it",
        parameters=(Parameter("network", ParameterType.NETWORK, optional=True),),
        risk=Risk.RAW,
    ),
)
