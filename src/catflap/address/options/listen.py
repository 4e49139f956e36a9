"""Listeners: how peers are taken in, filtered, counted, and what happens after a failure.

Sources: listen(2), accept(2), hosts_access(5).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "backlog",
        (Group.LISTEN,),
        Phase.LISTEN,
        ValueType.INT,
        "How many connections may wait to be accepted",
        applies=BuiltIn(),
    ),
    OptionRow(
        "accept-timeout",
        (Group.LISTEN,),
        Phase.LISTEN,
        ValueType.STRUCT_TIMEVAL,
        "Give up listening when no peer has come within this many seconds",
        aliases=("listen-timeout",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "fork",
        (Group.CHILD,),
        Phase.PASTACCEPT,
        ValueType.BOOL,
        "Serve each peer by itself and go on listening",
        applies=BuiltIn(),
    ),
    OptionRow(
        "max-children",
        (Group.CHILD,),
        Phase.PASTACCEPT,
        ValueType.INT,
        "How many peers are served at one time",
        aliases=("maxchildren",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "children-shutup",
        (Group.CHILD,),
        Phase.PASTACCEPT,
        ValueType.INT,
        "Lower the log level of the children's messages by this many steps (catflap-socat)",
        applies=BuiltIn(),
    ),
    OptionRow(
        "range",
        (Group.RANGE,),
        Phase.ACCEPT,
        ValueType.STRING,
        "Networks that peers may come from: ADDRESS/BITS, or a list in brackets",
        applies=BuiltIn(),
    ),
    OptionRow(
        "tcpwrappers",
        (Group.RANGE,),
        Phase.ACCEPT,
        ValueType.STRING_NULL,
        "Ask hosts.allow and hosts.deny about each peer, under this service name",
        aliases=("libwrap", "tcpwrap", "tcpwrapper", "wrap"),
        applies=BuiltIn(),
    ),
    OptionRow(
        "tcpwrap-etc",
        (Group.RANGE,),
        Phase.ACCEPT,
        ValueType.STRING,
        "Directory in which hosts.allow and hosts.deny lie",
        aliases=("tcpwrap-dir",),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "tcpwrap-hosts-allow-table",
        (Group.RANGE,),
        Phase.ACCEPT,
        ValueType.STRING,
        "File to use as hosts.allow",
        aliases=("allow-table", "hosts-allow"),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "tcpwrap-hosts-deny-table",
        (Group.RANGE,),
        Phase.ACCEPT,
        ValueType.STRING,
        "File to use as hosts.deny",
        aliases=("deny-table", "hosts-deny"),
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "retry",
        (Group.RETRY,),
        Phase.INIT,
        ValueType.UNSIGNED_INT,
        "How often to try again after opening fails",
        applies=BuiltIn(),
    ),
    OptionRow(
        "interval",
        (Group.RETRY,),
        Phase.INIT,
        ValueType.STRUCT_TIMESPEC,
        "Seconds between two tries",
        aliases=("intervall",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "forever",
        (Group.RETRY,),
        Phase.INIT,
        ValueType.BOOL,
        "Try again without end",
        applies=BuiltIn(),
    ),
)
