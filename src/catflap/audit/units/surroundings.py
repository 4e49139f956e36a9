"""What a unit shows about the place in which its commands run (systemd.exec(5))."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.text.words import SYSTEMD, tokens
from catflap.audit.units.exec_line import without_specifiers
from catflap.audit.units.settings import is_true

if TYPE_CHECKING:
    from catflap.audit.passage import Passage
    from catflap.audit.units.settings import Unit
    from catflap.core.surroundings import Surroundings

__all__ = ("environment", "surroundings_of")

_LOST = ("null", "tty", "socket")
_USERS_OWN = "%u"
"""The specifier of a user's manager for that user: somebody, and not root."""


def surroundings_of(unit: Unit, section: str, outer: Surroundings, path: str) -> Surroundings:
    """Return where the commands of a section run.

    Args:
        unit: all of it.
        section: ``Service`` or one that executes likewise.
        outer: what is known about whoever holds the unit.
        path: the file's.
    """
    capabilities = [
        name.upper().removeprefix("CAP_")
        for value in unit.values(section, "AmbientCapabilities")
        if not value.text.startswith("~")
        for name in value.text.split()
    ]
    return replace(
        outer,
        user=_user(unit, section, path),
        own_network=_is_cut_off(unit, section),
        capabilities=(*outer.capabilities, *capabilities),
        bounded=unit.value(section, "RuntimeMaxSec") not in {"", "infinity", "0"},
        supervised_log=_keeps_log(unit, section),
    )


def _user(unit: Unit, section: str, path: str) -> str:
    """Return the account; nothing when the unit does not show it."""
    if is_true(unit.value(section, "DynamicUser")):
        return unit.value(section, "User") or "dynamic"
    if unit.values(section, "User"):
        return unit.value(section, "User") if unit.known(section, "User") else ""
    slashed = "/" + path.replace("\\", "/")
    if "/user/" in slashed and ("systemd/" in slashed or "/units/" in slashed):
        return _USERS_OWN
    # A drop-in adds to a unit that may set the user; an excerpt and a unit that hangs on
    # default.target may be a user's own.
    if ".d/" in slashed and slashed.endswith(".conf"):
        return ""
    if "default.target" in unit.value("Install", "WantedBy").split():
        return ""
    return "root" if "ExecStart" in {key for key, _ in unit.sections[section]} else ""


def _is_cut_off(unit: Unit, section: str) -> bool:
    """Whether no other host reaches what runs here, nor it any other."""
    if is_true(unit.value(section, "PrivateNetwork")):
        return True
    families = unit.value(section, "RestrictAddressFamilies").split()
    if families and not families[0].startswith("~") and not _speaks_ip(families):
        return True
    denied = {
        word for value in unit.values(section, "IPAddressDeny") for word in value.text.split()
    }
    if "any" not in denied:
        return False
    allowed = [
        word for value in unit.values(section, "IPAddressAllow") for word in value.text.split()
    ]
    return all(_is_loopback(word) for word in allowed)


def _speaks_ip(families: list[str]) -> bool:
    """Whether sockets of these families reach other machines."""
    return any(family not in {"AF_UNIX", "AF_NETLINK", "none"} for family in families)


def _is_loopback(text: str) -> bool:
    if text == "localhost":
        return True
    try:
        return ipaddress.ip_network(text, strict=False).is_loopback
    except ValueError:
        return False


def _keeps_log(unit: Unit, section: str) -> bool:
    """Whether what the program writes to its standard error is kept; the journal is the default."""
    error = unit.value(section, "StandardError") or "inherit"
    if error == "inherit":
        error = unit.value(section, "StandardOutput") or "journal"
        if error == "inherit":
            error = unit.value(section, "StandardInput") or "journal"
    return error not in _LOST


def environment(unit: Unit, section: str) -> dict[str, Passage]:
    """Return what ``Environment=`` sets; files named by ``EnvironmentFile=`` are not read."""
    known: dict[str, Passage] = {}
    for value in unit.values(section, "Environment"):
        for token in tokens(value, SYSTEMD):
            name, equals, _ = token.passage.text.partition("=")
            if equals:
                word = token.passage.part(len(name) + 1, len(token.passage.text))
                known[name] = without_specifiers(word)
    for value in unit.values(section, "UnsetEnvironment"):
        for name in value.text.split():
            known.pop(name, None)
    return known
