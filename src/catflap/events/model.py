"""One fact each, as frozen structs.

They are msgspec structs rather than dataclasses because a busy relay makes tens of thousands a
second: a frozen dataclass of fifteen fields takes about ten times as long to make.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

__all__ = (
    "NO_TIME",
    "Certificate",
    "Closed",
    "ConnectFailed",
    "Defect",
    "Denied",
    "Draining",
    "Event",
    "EventsDropped",
    "Expiring",
    "HandshakeFailed",
    "Level",
    "Listening",
    "Notice",
    "Opened",
    "Pressure",
    "ReloadFailed",
    "Reloaded",
    "SessionFailed",
    "Started",
    "Stopped",
    "Tls",
    "UnsafeAccepted",
    "Warned",
    "WorkerEnded",
    "WorkerStarted",
    "stamp",
)


class Level(StrEnum):
    """How much an event matters."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


def stamp() -> datetime:
    """Return the time of an event, UTC."""
    return datetime.now(UTC)


class Certificate(msgspec.Struct, frozen=True, omit_defaults=True):
    """The leaf certificate by which a peer proved itself."""

    subject: str
    names: tuple[str, ...]
    serial: str
    expires: str


class Tls(msgspec.Struct, frozen=True):
    """What a handshake agreed on."""

    version: str
    cipher: str
    group: str
    resumed: bool


NO_TIME = 0.0
"""Of a step that was not taken. It is left out of a line when it is this very object, by which
msgspec knows a default."""


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="event",
    tag=lambda name: "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-"),
):
    """Base of all events.

    Args:
        time: when it happened.
        bridge: which bridge it belongs to.
    """

    level: ClassVar[Level] = Level.INFO
    audit: ClassVar[bool] = False

    time: datetime
    bridge: str = ""


class Started(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The process is up; `listening` follows once a bridge can be reached."""

    level: ClassVar[Level] = Level.NOTICE
    version: str
    pid: int


class Listening(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A listener is open, on just these addresses."""

    level: ClassVar[Level] = Level.NOTICE
    address: str
    on: tuple[str, ...]
    note: str = ""


class Notice(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Something a person should know that is not wrong."""

    level: ClassVar[Level] = Level.NOTICE
    message: str


class Warned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that does not refuse to start has something to say."""

    level: ClassVar[Level] = Level.WARNING
    rule: str
    message: str
    mend: str = ""


class UnsafeAccepted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A finding that would have refused the start was accepted by name."""

    level: ClassVar[Level] = Level.WARNING
    audit: ClassVar[bool] = True
    rule: str
    message: str
    reason: str = ""


class Opened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A session was admitted and both of its ends are open.

    Args:
        handshake: seconds from accept to the end of the handshake, where there was one.
        connect: seconds that opening the far side took, where it had to be waited for.
    """

    session: str
    peer: str
    to: str
    rule: str
    entry: str = ""
    via: str = ""
    certificate: Certificate | None = None
    tls: Tls | None = None
    far_certificate: Certificate | None = None
    far_tls: Tls | None = None
    uid: int | None = None
    handshake: float = NO_TIME
    connect: float = NO_TIME


class Denied(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A peer was turned away by a rule, or many by a limit.

    Args:
        count: how many this event stands for; ``peer`` is the last of them.
        handshake: seconds that the handshake took which came before, where there was one.
    """

    level: ClassVar[Level] = Level.WARNING
    audit: ClassVar[bool] = True
    session: str
    peer: str
    rule: str
    reason: str
    mend: str = ""
    entry: str = ""
    via: str = ""
    count: int = 1
    certificate: Certificate | None = None
    handshake: float = NO_TIME


class HandshakeFailed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A TLS handshake with a client did not finish."""

    level: ClassVar[Level] = Level.WARNING
    audit: ClassVar[bool] = True
    session: str
    peer: str
    rule: str
    reason: str
    via: str = ""
    certificate: Certificate | None = None


class ConnectFailed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The far side could not be opened.

    Args:
        handshake: seconds that the handshake took which came before, where there was one.
    """

    level: ClassVar[Level] = Level.ERROR
    session: str
    peer: str
    to: str
    reason: str
    rule: str = ""
    hint: str = ""
    certificate: Certificate | None = None
    handshake: float = NO_TIME


class Closed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A session is over.

    Args:
        sent: bytes from the near to the far side.
        received: bytes from the far to the near side.
        duration: seconds since accept.
        closed_by: ``near``, ``far``, ``limit``, ``shutdown``, ``error``; ``operator`` by
            ``catflap end``, ``expiry`` when a certificate's time was over, ``policy`` when the
            session was no longer allowed.
        rule: by which ``expiry`` and ``policy`` ended it.
        limit: the limit that ended it and the option that changes it.
        lost: packets that could not be passed on; they stay out of the bytes.
    """

    session: str
    peer: str
    sent: int
    received: int
    duration: float
    closed_by: str
    rule: str = ""
    reason: str = ""
    limit: str = ""
    lost: int = 0


class Expiring(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate of a live session expires soon, and the session will end with it.

    Args:
        seconds: until then.
    """

    level: ClassVar[Level] = Level.WARNING
    session: str
    peer: str
    seconds: float
    certificate: Certificate | None = None


class Reloaded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Files or a whole bridge were read again, and hold from now on.

    Args:
        reason: ``SIGHUP``, ``files changed``, or who asked.
        changed: the files that were found to differ.
    """

    level: ClassVar[Level] = Level.NOTICE
    audit: ClassVar[bool] = True
    reason: str
    changed: tuple[str, ...] = ()


class ReloadFailed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What was to be read again cannot be used; what held before goes on to hold."""

    level: ClassVar[Level] = Level.ERROR
    audit: ClassVar[bool] = True
    reason: str
    hint: str = ""
    changed: tuple[str, ...] = ()


class SessionFailed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The one session of a bridge broke; the process ends with status 1."""

    level: ClassVar[Level] = Level.ERROR
    session: str
    reason: str


class Defect(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A defect of catflap itself, worth a report; what else runs goes on."""

    level: ClassVar[Level] = Level.ERROR
    reason: str


class WorkerStarted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A process of the service serves."""

    level: ClassVar[Level] = Level.NOTICE
    worker: int
    pid: int


class WorkerEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A process of the service ended without being asked to; another takes its place.

    Args:
        worker: its number, from 1.
        pid: which process it was.
        reason: the signal or the status that ended it.
    """

    level: ClassVar[Level] = Level.ERROR
    audit: ClassVar[bool] = True
    worker: int
    pid: int
    reason: str


class Pressure(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The process ran out of something and backs off, or has recovered."""

    level: ClassVar[Level] = Level.WARNING
    what: str
    state: str
    refused: int = 0


class EventsDropped(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The sink was slower than the service; so many events are missing here."""

    level: ClassVar[Level] = Level.WARNING
    count: int


class Draining(Event, frozen=True, kw_only=True, omit_defaults=True):
    """No new sessions; the live ones may finish."""

    level: ClassVar[Level] = Level.NOTICE
    sessions: int
    seconds: float


class Stopped(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The service is down."""

    level: ClassVar[Level] = Level.NOTICE
    served: int
    reason: str
