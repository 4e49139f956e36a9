"""Who may talk, as it was written down; the guard decides by it, rules judge it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.address.networks import NetworkRule

__all__ = ("IdentityKind", "IdentityPattern", "OpenHours", "Policy")


class IdentityKind(StrEnum):
    """What of a certificate or a UNIX peer a pattern is compared with."""

    DNS = "dns"
    URI = "uri"
    IP = "ip"
    EMAIL = "email"
    PIN = "pin"
    COMMON_NAME = "cn"
    ORGANIZATIONAL_UNIT = "ou"
    USER = "user"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class IdentityPattern:
    """One entry of a list of identities.

    Args:
        kind: what it is compared with.
        pattern: what must match, without the kind: ``*.ci.acme.example``, ``spiffe://acme/**``,
            the base64 of a SHA-256 (RFC 7469) for a pin, a number for a user or group.
        denies: whether a match is a no.
        text: as written.
    """

    kind: IdentityKind
    pattern: str
    denies: bool
    text: str


@dataclass(frozen=True, slots=True)
class OpenHours:
    """A stretch of the week in which peers are admitted.

    Args:
        days: 0 is Monday.
        start: minutes after midnight.
        end: minutes after midnight, exclusive; smaller than ``start`` means into the next day.
        zone: a name of the tz database.
        text: as written.
    """

    days: frozenset[int]
    start: int
    end: int
    zone: str
    text: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that an operator said about who may talk. ``None`` is: nothing was said.

    A list that is there admits only whom it names; an empty one admits nobody.

    Args:
        networks: first match decides.
        identities: first match decides.
        hours: any of them.
        not_before: seconds since the epoch.
        not_after: seconds since the epoch.
    """

    networks: tuple[NetworkRule, ...] | None = None
    identities: tuple[IdentityPattern, ...] | None = None
    hours: tuple[OpenHours, ...] | None = None
    not_before: float | None = None
    not_after: float | None = None
