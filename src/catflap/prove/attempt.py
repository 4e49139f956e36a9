"""One attempt on a bridge: what it does, what should come of it, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from catflap.prove.scene import Scene

__all__ = ("Attempt", "Ended", "Family", "Outcome", "Sighting", "Witness")


class Outcome(StrEnum):
    """What became of an attempt, in one word."""

    SERVED = "served"
    REFUSED = "refused"
    DENIED = "denied"
    DROPPED = "dropped"
    UNCLEAR = "unclear"


class Ended(StrEnum):
    """How the connection ended, seen from the attacker's side."""

    ANSWERED = "answered"
    ALERT = "alert"
    CLOSED = "closed"
    RESET = "reset"
    OPEN = "open"


class Family(StrEnum):
    """What an attempt puts to the test, as the question that the bridge asks."""

    FRIEND = "Good requests"
    IDENTITY = "Who are you?"
    PROTOCOL = "How do you speak?"
    SOURCE = "Where do you come from?"
    PATIENCE = "How long must I wait?"
    AFTERWARDS = "Still there?"


class Witness(StrEnum):
    """Which bridge has to say why."""

    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the attacker saw.

    Args:
        source: its own address, as the witness sees it.
        ended: how it ended.
        alert: the TLS alert that was received.
        note: one thing worth telling, such as that the ticket was taken.
    """

    source: str
    ended: Ended
    alert: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row.

    Args:
        name: a stable slug.
        family: what it puts to the test.
        title: what a person would call it.
        expected: what should become of it.
        rule: which rule should say so.
        act: does it.
        witness: which bridge is asked why.
    """

    name: str
    family: Family
    title: str
    expected: Outcome
    rule: str
    act: Callable[[Scene], Awaitable[Sighting]]
    witness: Witness = Witness.SERVER
