"""Permissions that come after the socket is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Role, Transport
from catflap.bridge.effective import Dialect
from catflap.findings.finding import Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, label, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "mode-after-bind-race"
_LATE = ("perm", "perm-late", "user", "user-late", "group", "group-late")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """A stream socket takes nobody before listen(2), which comes after; others do at once."""
    del facts
    for side in known_sides(bridge):
        late = next((name for name in _LATE if side.last(name) is not None), "")
        if side.dialect is Dialect.CATFLAP or not late or not _opens_at_once(side):
            continue
        if side.last("umask") is not None or side.last("perm-early") is not None:
            continue
        yield tell(
            _SLUG,
            Severity.LOW,
            side,
            f"{label(side)} is open under the umask until its permissions are changed",
            span=place(side, late),
            mend="umask=0077 as well, which holds from the first moment",
        )


def _opens_at_once(side: Side) -> bool:
    kind = side.kind
    if kind.name == "PIPE":
        return bool(side.address.parameters)
    return kind.transport is Transport.UNIX and kind.role is Role.RECEIVE


RULE = Rule(
    slug=_SLUG,
    title="Permissions are set after a socket or FIFO is already open",
    worst=Severity.LOW,
    cwe=367,
    bad="socat -u UNIX-RECV:/run/log.sock,mode=0600 OPEN:/var/log/app,creat,append",
    good="socat -u UNIX-RECV:/run/log.sock,mode=0600,umask=0077 OPEN:/var/log/app,creat,append",
    attacker="Writes to the socket, or opens the FIFO, in the moment before its mode is changed.",
    mend="Give umask= as well: it holds from the moment in which the file is made.",
    check=_check,
    good_sentence="Files are made under a umask that is as narrow as their mode.",
    fixable="safe",
)
