"""Users and groups: who a process becomes by su, setuid and setgid.

Everything is looked up before a chroot, for the files that name users are outside of it.
"""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import Problem
from catflap.core.units import account_number

if TYPE_CHECKING:
    from catflap.address.model import Option
    from catflap.bridge.side import Side

__all__ = (
    "PRIVILEGE_OPTIONS",
    "Account",
    "Credentials",
    "credentials_of",
    "find_account",
    "find_group",
    "new_root",
    "privilege_options",
)

_SU = ("substuser", "substuser-early", "substuser-delayed")
_SETUID = ("setuid", "setuid-early")
_SETGID = ("setgid", "setgid-early")
_CHROOT = ("chroot", "chroot-early")

PRIVILEGE_OPTIONS = frozenset((*_SU, *_SETUID, *_SETGID, *_CHROOT))
"""Options that change what a process may do."""


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the user database (passwd(5)), with all groups."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str
    shell: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a process becomes; ``None`` is left as it is.

    Args:
        uid: real, effective and saved user.
        gid: real, effective and saved group.
        groups: the supplementary groups.
        environment: variables that name the new user.
        asked: the option that asked, as a person would write it.
    """

    uid: int | None
    gid: int | None
    groups: tuple[int, ...] | None
    environment: tuple[tuple[str, str], ...]
    asked: str


def find_account(text: str) -> Account:
    """Return the account of a user's name or number.

    Raises:
        OperationError: there is none.
    """
    number = account_number(text)
    try:
        found = pwd.getpwuid(number) if number is not None else pwd.getpwnam(text)
    except (KeyError, OverflowError):
        message = f"there is no user {text}"
        raise OperationError(message, "getent passwd lists them") from None
    groups = tuple(os.getgrouplist(found.pw_name, found.pw_gid))
    return Account(found.pw_name, found.pw_uid, found.pw_gid, groups, found.pw_dir, found.pw_shell)


def find_group(text: str) -> int:
    """Return the number of a group's name or number.

    Raises:
        OperationError: there is no group of that name.
    """
    number = account_number(text)
    if number is not None:
        return number
    try:
        return grp.getgrnam(text).gr_gid
    except KeyError:
        message = f"there is no group {text}"
        raise OperationError(message, "getent group lists them") from None


def privilege_options(side: Side) -> tuple[Option, ...]:
    """Return the options of a side that change privileges, in the order of writing."""
    return tuple(o for o in side.address.options if o.canonical in PRIVILEGE_OPTIONS)


def _one(side: Side, names: tuple[str, ...]) -> Option | None:
    """Return the one option among those that mean the same.

    Raises:
        UsageError: two of them disagree.
    """
    found = [option for option in side.address.options if option.canonical in names]
    for option in found[1:]:
        if _text(option) != _text(found[0]):
            message = f"{option.name.text} contradicts {found[0].name.text}"
            raise _wrong(side, option, message)
    return found[-1] if found else None


def _text(option: Option) -> str:
    return option.value.text if option.value is not None else ""


def _wrong(side: Side, option: Option, message: str, expected: str = "") -> UsageError:
    problem = Problem(message, option.span, side.source, expected)
    return UsageError(problem.sentence(), (problem,))


def new_root(side: Side) -> str:
    """Return the directory that becomes the root, or nothing.

    Raises:
        UsageError: two options disagree.
    """
    option = _one(side, _CHROOT)
    return _text(option) if option is not None else ""


def credentials_of(side: Side) -> Credentials | None:
    """Return what the options of a side ask for, or ``None`` when they ask for nothing.

    Raises:
        UsageError: options contradict each other.
        OperationError: no such user or group.
    """
    su, setuid, setgid = (_one(side, names) for names in (_SU, _SETUID, _SETGID))
    if su is not None:
        other = setuid or setgid
        if other is not None:
            expected = "su alone, or setuid with setgid"
            raise _wrong(side, other, f"su says it all; {other.name.text} contradicts", expected)
        return _substitute(su)
    if setuid is None and setgid is None:
        return None
    if side.dialect is Dialect.SOCAT:
        uid = _numeric_user(_text(setuid)) if setuid is not None else None
        gid = find_group(_text(setgid)) if setgid is not None else None
        return Credentials(uid, gid, None, (), _asked(setuid or setgid))
    return _without_groups(side, setuid, setgid)


def _asked(option: Option | None) -> str:
    return f"{option.name.text}={_text(option)}" if option is not None else ""


def _substitute(option: Option) -> Credentials:
    account = find_account(_text(option))
    environment = (
        ("USER", account.name),
        ("LOGNAME", account.name),
        ("HOME", account.home),
        ("SHELL", account.shell),
    )
    return Credentials(account.uid, account.gid, account.groups, environment, _asked(option))


def _numeric_user(text: str) -> int:
    number = account_number(text)
    return number if number is not None else find_account(text).uid


def _without_groups(side: Side, setuid: Option | None, setgid: Option | None) -> Credentials:
    """Return credentials of our dialect: who asks for a user does not mean to keep root's groups.

    The C program changes the uid alone: the process stays in group 0 and in every supplementary
    group of root, and so reads and writes what root's groups may. Ours drops all of them, and
    takes the primary group of the user where setgid does not name another.
    """
    uid: int | None = None
    gid = find_group(_text(setgid)) if setgid is not None else None
    if setuid is not None:
        uid = _numeric_user(_text(setuid))
        if gid is None:
            try:
                gid = find_account(_text(setuid)).gid
            except OperationError:
                message = f"user {uid} has no account that would tell its group"
                raise _wrong(side, setuid, message, "setgid=GROUP besides") from None
    return Credentials(uid, gid, (), (), _asked(setuid or setgid))
