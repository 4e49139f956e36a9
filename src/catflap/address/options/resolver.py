"""How names become addresses.

Sources: getaddrinfo(3), resolver(3), resolv.conf(5).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "ai-addrconfig",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Look up only those families of which this host has an address",
        aliases=("addrconfig",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "ai-all",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "With ai-v4mapped, give IPv6 addresses and mapped IPv4 ones together",
        applies=BuiltIn(),
    ),
    OptionRow(
        "ai-passive",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Without a host name take the wildcard address instead of loopback",
        aliases=("passive",),
        applies=BuiltIn(),
        risk=Risk.EXPOSES,
    ),
    OptionRow(
        "ai-v4mapped",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Give IPv4 addresses in IPv6 form when a name has no IPv6 address",
        aliases=("v4mapped",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "res-debug",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Print what the resolver does",
        refused="glibc prints this only in builds made for debugging it",
    ),
    OptionRow(
        "res-defnames",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Add the default domain to names that have no dot",
        aliases=("defnames",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "res-dnsrch",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Search the domains of resolv.conf, not only the first",
        aliases=("dnsrch",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "res-igntc",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Take a truncated DNS answer instead of asking again by TCP",
        aliases=("igntc",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "res-nsaddr",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.IP4SOCK,
        "Ask this DNS server, ADDRESS[:PORT], instead of those in resolv.conf",
        aliases=("dns", "nameserver", "nsaddr"),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "res-recurse",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Ask DNS servers to resolve recursively",
        aliases=("recurse",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "res-retrans",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.INT,
        "Seconds before a DNS question is sent again",
        aliases=("res-maxretrans", "retrans"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "res-retry",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.INT,
        "How often a DNS question is sent before giving up",
        aliases=("res-maxretry",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "res-stayopen",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Keep the TCP connection to the DNS server between questions",
        aliases=("stayopen",),
        refused="every name is asked for by itself, and no connection is left to keep",
    ),
    OptionRow(
        "res-usevc",
        (Group.IP4, Group.IP6),
        Phase.OFFSET,
        ValueType.BOOL,
        "Ask DNS servers by TCP instead of UDP",
        aliases=("usevc",),
        applies=BuiltIn(),
    ),
)
