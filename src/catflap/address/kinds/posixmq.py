"""POSIX message queues.

Sources: mq_overview(7).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Direction, Group, Kind, Parameter, ParameterType, Role, Transport

__all__ = ("KINDS",)

_PLAIN: Final = (Group.FD, Group.NAMED, Group.OPEN, Group.RETRY, Group.POSIXMQ)
_FORKING: Final = (Group.FD, Group.NAMED, Group.OPEN, Group.CHILD, Group.RETRY, Group.POSIXMQ)
_QUEUE: Final = (Parameter("queue", ParameterType.QUEUE),)

KINDS: Final = (
    Kind(
        "POSIXMQ-READ",
        ":<mqname>",
        _PLAIN,
        Role.RECEIVE,
        Transport.QUEUE,
        "Read message after message from a queue",
        parameters=_QUEUE,
        direction=Direction.READ,
        since="1.8.0",
    ),
    Kind(
        "POSIXMQ-RECEIVE",
        ":<mqname>",
        _FORKING,
        Role.RECEIVE,
        Transport.QUEUE,
        "Read one message from a queue; with fork, serve each by itself",
        parameters=_QUEUE,
        aliases=("POSIXMQ-RECV",),
        direction=Direction.READ,
        since="1.8.0",
    ),
    Kind(
        "POSIXMQ-SEND",
        ":<mqname>",
        _FORKING,
        Role.DATAGRAM,
        Transport.QUEUE,
        "Put messages into a queue",
        parameters=_QUEUE,
        direction=Direction.WRITE,
        since="1.8.0",
    ),
    Kind(
        "POSIXMQ-WRITE",
        ":<mqname>",
        _FORKING,
        Role.DATAGRAM,
        Transport.QUEUE,
        "Put messages into a queue; the same as POSIXMQ-SEND",
        parameters=_QUEUE,
        direction=Direction.WRITE,
        since="1.8.0",
    ),
    Kind(
        "POSIXMQ-BIDIRECTIONAL",
        ":<mqname>",
        _PLAIN,
        Role.DATAGRAM,
        Transport.QUEUE,
        "Read and write one queue",
        parameters=_QUEUE,
        aliases=("POSIXMQ",),
        since="1.8.0",
    ),
)
