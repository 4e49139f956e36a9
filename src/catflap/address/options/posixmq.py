"""POSIX message queues.

Sources: mq_overview(7), mq_open(3), mq_send(3).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "posixmq-flush",
        (Group.POSIXMQ,),
        Phase.EARLY,
        ValueType.BOOL,
        "Throw away what lies in the queue on opening it",
        aliases=("mq-flush",),
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "posixmq-maxmsg",
        (Group.POSIXMQ,),
        Phase.OPEN,
        ValueType.LONG,
        "How many messages a new queue holds",
        aliases=("mq-maxmsg",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "posixmq-msgsize",
        (Group.POSIXMQ,),
        Phase.OPEN,
        ValueType.LONG,
        "Largest message in bytes of a new queue",
        aliases=("mq-msgsize",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "posixmq-priority",
        (Group.POSIXMQ,),
        Phase.INIT,
        ValueType.UNSIGNED_INT,
        "Priority of sent messages; higher ones are received first",
        aliases=("mq-prio",),
        applies=BuiltIn(),
    ),
)
