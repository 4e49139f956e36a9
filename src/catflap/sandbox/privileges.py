"""Dropping privileges: once, for the whole process, after every listener is open.

The order is fixed, for each step needs what a later one gives up: users are looked up, the root is
changed, groups, group and user are set, and then it is tried whether root comes back.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import Problem
from catflap.survey.accounts import Credentials, credentials_of, new_root, privilege_options

if TYPE_CHECKING:
    import ctypes

    from catflap.address.model import Option
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = ("become", "check_privileges", "drop_privileges", "privileges_of")

_PROGRAMS = frozenset({"EXEC", "SYSTEM", "SHELL"})
_PR_SET_NO_NEW_PRIVS = 38
"""From linux/prctl.h: nothing that is executed from now on gains rights by a setuid bit."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the process is to become."""

    side: Side
    root: str
    credentials: Credentials | None


def check_privileges(bridge: Bridge) -> None:
    """Refuse what cannot hold for one process, before anything is opened.

    Raises:
        UsageError: options contradict each other, or stand where they would change every session.
        OperationError: there is no such user, group or directory.
    """
    plan = _plan(bridge)
    if plan is None:
        return
    _check_programs(bridge, plan)
    if plan.root and not os.path.isdir(plan.root):
        message = f"chroot={plan.root}: there is no such directory"
        raise OperationError(message)


def drop_privileges(bridge: Bridge) -> None:
    """Apply su, setuid, setgid and chroot of the bridge's listeners to this process.

    Raises:
        UsageError: as :func:`check_privileges` does.
        OperationError: we may not, or root could be regained.
    """
    plan = _plan(bridge)
    if plan is None:
        return
    # Imported while the files of Python can still be reached.
    import ctypes

    if plan.root:
        _change_root(plan.root)
    if plan.credentials is not None:
        _become(plan.credentials)
        if plan.side.dialect is Dialect.CATFLAP:
            _forbid_new_privileges(ctypes.CDLL(None))


def become(side: Side) -> None:
    """Apply su, setuid, setgid and chroot of one address to this process, in its one session.

    Raises:
        UsageError: options contradict each other.
        OperationError: there is no such user or directory, we may not, or root could be regained.
    """
    root, credentials = new_root(side), credentials_of(side)
    if root:
        _change_root(root)
    if credentials is not None:
        _become(credentials)


def privileges_of(bridge: Bridge) -> tuple[object, ...] | None:
    """Return what a bridge makes of its process, to be compared; ``None`` when it is left alone.

    Raises:
        UsageError: as :func:`check_privileges` does.
    """
    plan = _plan(bridge)
    return None if plan is None else (plan.root, *_numbers(plan))


def _plan(bridge: Bridge) -> _Plan | None:
    """Return what all addresses of a bridge together ask for."""
    plan: _Plan | None = None
    asked: Option | None = None
    for side in bridge.sides:
        options = privilege_options(side)
        if not options or side.kind.name in _PROGRAMS:
            # A program's options are its own: the child follows them.
            continue
        if not side.listens:
            raise _misplaced(bridge, side, options[0])
        found = _Plan(side, new_root(side), credentials_of(side))
        if plan is not None and asked is not None and not _agree(plan, found):
            message = (
                f"{options[0].name.text} disagrees with {asked.name.text} of {plan.side.kind.name}"
            )
            raise _wrong(side, options[0], message, "the same on both: a process has one user")
        plan, asked = found, options[0]
    return plan


def _agree(first: _Plan, second: _Plan) -> bool:
    return first.root == second.root and _numbers(first) == _numbers(second)


def _numbers(plan: _Plan) -> tuple[object, ...]:
    found = plan.credentials
    return () if found is None else (found.uid, found.gid, found.groups)


def _check_programs(bridge: Bridge, plan: _Plan) -> None:
    """Refuse options of a program that the process can no longer follow once it is what it says.

    Raises:
        UsageError: with a caret under the first.
    """
    given_up = privilege_options(plan.side)[0].name.text
    for side in bridge.sides:
        if side.kind.name not in _PROGRAMS:
            continue
        options = [*privilege_options(side), *(side.options("chdir") if plan.root else ())]
        if options:
            listener = plan.side.kind.name
            message = f"{options[0].name.text} cannot be done after {given_up} of {listener}"
            raise _wrong(side, options[0], message, "one of them")


def _misplaced(bridge: Bridge, side: Side, option: Option) -> UsageError:
    name = option.name.text
    if bridge.listeners:
        message = f"{name} on {side.kind.name} would change the whole process in its first session"
        expected = f"{name} on the listener, for all of it, or on EXEC, for the program"
        return _wrong(side, option, message, expected)
    message = f"{name} on {side.kind.name} is not built yet"
    return _wrong(side, option, message, "it on a listener, or on EXEC, SYSTEM or SHELL")


def _wrong(side: Side, option: Option, message: str, expected: str) -> UsageError:
    problem = Problem(message, option.span, side.source, expected)
    return UsageError(problem.sentence(), (problem,))


def _change_root(root: str) -> None:
    try:
        os.chroot(root)
        # A working directory outside would be a way out.
        os.chdir("/")
    except PermissionError as error:
        message = f"chroot={root} needs root, and this process has the uid {os.geteuid()}"
        raise OperationError(message, "start it as root, or leave chroot out") from error
    except OSError as error:
        message = f"chroot={root}: {error.strerror}"
        raise OperationError(message) from error


def _become(credentials: Credentials) -> None:
    """Change groups, group and user of all threads: the C library sees to each of them."""
    asked, uid, gid = credentials.asked, credentials.uid, credentials.gid
    try:
        if credentials.groups is not None:
            os.setgroups(credentials.groups)
        if gid is not None:
            os.setresgid(gid, gid, gid)
        if uid is not None:
            os.setresuid(uid, uid, uid)
    except PermissionError as error:
        message = f"{asked} needs root, and this process has the uid {os.geteuid()}"
        raise OperationError(message, f"start it as root, or leave {asked} out") from error
    except OSError as error:
        message = f"{asked}: {error.strerror}"
        raise OperationError(message) from error
    if uid:
        _prove_root_is_gone(asked)
    os.environ.update(credentials.environment)


def _prove_root_is_gone(asked: str) -> None:
    try:
        os.setuid(0)
    except PermissionError:
        return
    message = f"{asked}: root can be regained, so nothing was given up"
    raise OperationError(message, "take CAP_SETUID from the process (capabilities(7))")


def _forbid_new_privileges(library: ctypes.CDLL) -> None:
    """Let no program that is started from here gain rights: sudo and its like stay powerless.

    The kernel keeps this for each thread; children are started from this one.
    """
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        message = "no_new_privs cannot be set (prctl(2))"
        raise OperationError(message)
