"""Identities and hours as people write them: ``spiffe://acme/*``, ``Mon-Fri 08:00-18:00``."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import zoneinfo
from typing import TYPE_CHECKING

from catflap.bridge.policy import IdentityKind, IdentityPattern, OpenHours
from catflap.core.spans import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("PolicyError", "is_zone", "parse_hours", "parse_identity")

_NUMBERS = {"uid": IdentityKind.USER, "gid": IdentityKind.GROUP}
_KINDS = {kind.value: kind for kind in IdentityKind} | _NUMBERS
_FOREIGN = {"san": "dns", "spki": "pin", "sha256": "pin", "mail": "email", "host": "dns"}
"""Words that other programs use for the same."""
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_TRUST_DOMAIN = re.compile(r"[a-z0-9._-]+")
_SEGMENT = re.compile(r"[A-Za-z0-9._*-]+")
_LOCAL_PART = re.compile(r"[^\s@]+")
_ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?|[0-9]+")
_HOURS = re.compile(
    r"(?:(?P<days>[A-Za-z]{3}(?:[-,][A-Za-z]{3})*)\s+)?"
    r"(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)(?:\s+(?P<zone>\S+))?"
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHA256 = 32
_DAY = 24 * 60


class PolicyError(ValueError):
    """A policy is not written as one; the message says what was expected.

    Args:
        at: where in the text, start and end.
    """

    def __init__(self, message: str, at: tuple[int, int]) -> None:
        """Keep the place."""
        super().__init__(message)
        self.at = at


def parse_identity(text: str) -> IdentityPattern:
    """Return the pattern that a text means; ``!`` in front denies.

    Kinds: ``dns:``, ``uri:`` (or a bare ``spiffe://...``), ``ip:``, ``email:``, ``pin:sha256:``,
    ``cn:``, ``ou:``, and for UNIX peers ``user:`` and ``group:``, or ``uid:`` and ``gid:`` where
    only a number is meant.

    Raises:
        PolicyError: it means nothing, or something so wide that it is surely a mistake.
    """
    denies = text.startswith("!")
    start = int(denies)
    rest = text[start:]
    if _SCHEME.match(rest):
        kind, pattern = IdentityKind.URI, rest
    else:
        word, colon, pattern = rest.partition(":")
        found = _KINDS.get(word)
        if not colon or found is None:
            raise PolicyError(f"expected {_kinds_for(word if colon else '')}", (start, len(text)))
        kind = found
        start += len(word) + 1
        if word in _NUMBERS and not pattern.isdecimal():
            message = f"expected a number after {word}:; {kind.value}: takes names too"
            raise PolicyError(message, (start, len(text)))
    try:
        pattern = _READERS[kind](pattern)
    except ValueError as error:
        raise PolicyError(str(error), (start, len(text))) from None
    return IdentityPattern(kind, pattern, denies, text)


def _kinds_for(word: str) -> str:
    """Return what may stand in front, the nearest right word first where one was meant."""
    close = nearest(_FOREIGN.get(word.lower(), word), _KINDS) if word else ""
    asked = f"; did you mean {close}:?" if close else ""
    return (
        "a kind in front: dns:, uri:, spiffe://, ip:, email:, pin:sha256:, cn:, ou:, "
        f"or for UNIX peers user:, group:, uid:, gid:{asked}"
    )


def _dns(text: str) -> str:
    name = text.lower().removesuffix(".")
    if not name.isascii():
        raise ValueError("expected labels as certificates bear them: xn--bcher-kva for bücher")
    labels = name.removeprefix("*.").split(".")
    if labels[-1].isdecimal():
        raise ValueError(f"expected a name; an address is written ip:{text}")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("expected a DNS name, its first label perhaps * (RFC 9525, section 6.3)")
    return name


def _uri(text: str) -> str:
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise ValueError("expected a URI such as spiffe://acme/billing")
    head = scheme.group().lower()
    host, slash, path = text[scheme.end() :].partition("/")
    host = host.lower()
    if not _TRUST_DOMAIN.fullmatch(host):
        raise ValueError(f"expected a name after {head}; a trust domain is never a wildcard")
    if not slash:
        return head + host
    segments = path.split("/")
    for segment in segments:
        if not _SEGMENT.fullmatch(segment) or segment in {".", ".."}:
            raise ValueError("expected path segments of letters, digits, . _ - and * or **")
        if "**" in segment and segment != "**":
            raise ValueError("** stands for whole segments; * is what a segment may hold")
    return f"{head}{host}/{path}"


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip("[]"), strict=False))
    except ValueError:
        raise ValueError("expected an address or a network such as 10.0.0.0/8") from None


def _email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    wild = "*" in local and local != "*"
    if not at or not _LOCAL_PART.fullmatch(local) or wild or "*" in domain:
        raise ValueError("expected NAME@DOMAIN or *@DOMAIN")
    return f"{local}@{_dns(domain)}"


def _pin(text: str) -> str:
    algorithm, _, digest = text.partition(":")
    if algorithm != "sha256":
        wanted = "pin:sha256: and the digest of the public key (RFC 7469), base64 or hexadecimal"
        raise ValueError(f"expected {wanted}")
    try:
        is_hex = len(digest) == 2 * _SHA256
        raw = bytes.fromhex(digest) if is_hex else base64.b64decode(digest, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != _SHA256:
        raise ValueError("expected 32 bytes as base64 or hexadecimal")
    return base64.b64encode(raw).decode()


def _name(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError("expected a name")
    return text


def _account(text: str) -> str:
    if not _ACCOUNT.fullmatch(text):
        raise ValueError("expected the name or number of a user or group")
    return text


_READERS: dict[IdentityKind, Callable[[str], str]] = {
    IdentityKind.DNS: _dns,
    IdentityKind.URI: _uri,
    IdentityKind.IP: _ip,
    IdentityKind.EMAIL: _email,
    IdentityKind.PIN: _pin,
    IdentityKind.COMMON_NAME: _name,
    IdentityKind.ORGANIZATIONAL_UNIT: _name,
    IdentityKind.USER: _account,
    IdentityKind.GROUP: _account,
}


def parse_hours(text: str, zone: str = "UTC") -> OpenHours:
    """Return the stretch of the week that ``Mon-Fri 08:00-18:00 Europe/Berlin`` means.

    Args:
        text: days are every day when left out; an end before the start is on the next day.
        zone: where the text names none.

    Raises:
        PolicyError: it is not written so, or the zone is not known.
    """
    whole = (0, len(text))
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise PolicyError("expected hours such as Mon-Fri 08:00-18:00 Europe/Berlin", whole)
    start, end = (_minute(match[name], whole) for name in ("start", "end"))
    if start in {end, _DAY}:
        raise PolicyError("expected an end that is not the start", whole)
    name = match["zone"] or zone
    if not is_zone(name):
        at = (text.find(name), text.find(name) + len(name)) if match["zone"] else whole
        raise PolicyError(f"{name} is no zone of the tz database", at)
    return OpenHours(_days(match["days"], text), start, end, name, text)


def is_zone(name: str) -> bool:
    """Return whether the tz database knows a zone."""
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _minute(text: str, at: tuple[int, int]) -> int:
    hours, _, minutes = text.partition(":")
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > _DAY:
        raise PolicyError(f"{text} is no time of day", at)
    return minute


def _days(text: str | None, whole: str) -> frozenset[int]:
    if not text:
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise PolicyError("expected days such as Mon-Fri or Sat,Sun", (0, len(whole)))
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(found)
