"""From what was said to a guard: accounts become numbers, contradictions become errors."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.rows import Transport
from catflap.bridge.policy import IdentityKind, IdentityPattern, Policy
from catflap.core.errors import UsageError
from catflap.guard.guard import Guard
from catflap.relay.wrapping import HostsAccess
from catflap.survey.accounts import find_account, find_group

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.core.nouns import UnixCredentials

__all__ = ("groups_of", "guard_of", "primary_group")

_PROVES_USERS = frozenset({Transport.UNIX, Transport.ABSTRACT})
_ACCOUNTS = frozenset({IdentityKind.USER, IdentityKind.GROUP})


def guard_of(side: Side, policy: Policy | None = None) -> Guard:
    """Return the guard of a listener.

    Args:
        side: the listener; its options count besides the policy.
        policy: what was said in a file.

    Raises:
        UsageError: a list of identities for peers that prove nothing.
        OperationError: a user or group is not known.
    """
    tls = side.kind.transport in {Transport.TLS, Transport.DTLS}
    policy = policy or Policy()
    if policy.identities is not None:
        policy = replace(policy, identities=_numbered(side, policy.identities, tls=tls))
    return Guard(
        networks=side.networks.value,
        source_port=side.number("sourceport").value,
        low_port=side.flag("lowport").value,
        demands_certificate=tls and side.verifies.value,
        wrap=HostsAccess.of(side),
        policy=policy,
    )


def _numbered(
    side: Side, patterns: tuple[IdentityPattern, ...], *, tls: bool
) -> tuple[IdentityPattern, ...]:
    proves = side.verifies.value if tls else side.kind.transport in _PROVES_USERS
    if not proves:
        way = f"{side.address.name} with verify=0" if tls else side.address.name
        message = f"identities: whoever comes by {way} proves nothing"
        hint = "TLS-LISTEN with cafile= asks for certificates; UNIX-LISTEN tells users and groups"
        raise UsageError(message, hint=hint)
    return tuple(_number(side, pattern, tls=tls) for pattern in patterns)


def _number(side: Side, pattern: IdentityPattern, *, tls: bool) -> IdentityPattern:
    if (pattern.kind in _ACCOUNTS) is tls:
        proves = "certificates" if tls else "users and groups"
        message = f"identities: {pattern.text} can never match: {side.address.name} tells {proves}"
        kinds = "dns:, uri:, ip:, email:, pin:, cn:, ou:" if tls else "user:, group:, uid:, gid:"
        raise UsageError(message, hint=f"{kinds} can")
    if pattern.kind not in _ACCOUNTS or pattern.pattern.isdigit():
        return pattern
    is_user = pattern.kind is IdentityKind.USER
    number = find_account(pattern.pattern).uid if is_user else find_group(pattern.pattern)
    return replace(pattern, pattern=str(number))


def groups_of(credentials: UnixCredentials) -> tuple[int, ...]:
    """Return the groups of a UNIX peer besides the one it acts under.

    Those that its process is in, which the kernel knows, and those of its user's account
    (getgrouplist(3)). A group that is kept out is kept out by either: an account cannot be looked
    up behind ``chroot=``, and a process may be in groups that its account is not in.
    """
    try:
        name = pwd.getpwuid(credentials.uid).pw_name
    except KeyError:
        return credentials.groups
    return (*credentials.groups, *os.getgrouplist(name, credentials.gid))


def primary_group(uid: int) -> int:
    """Return the group of a user's account; the user's own number where there is none."""
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid
