"""What a child's environment holds.

Our dialect hands on what programs need and nothing that may be a secret; the drop-in hands on
everything, as the C program does. Both tell the child who its peer is.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from catflap import __version__
from catflap.bridge.effective import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.opening import Opening

__all__ = ("base_environment", "printable_only", "session_environment")

_KEPT = frozenset(["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TERM", "TMPDIR"])
_KEPT_PREFIX = "LC_"
_LANGUAGE = "1.8.1.3"
"""The release of the C program whose language this is; scripts compare SOCAT_VERSION with it."""

_OURS = "CATFLAP_"
_ADDRESSES = frozenset({"PEERADDR", "SOCKADDR"})


def base_environment(side: Side) -> dict[str, str]:
    """Return what every child of this address gets from our own environment."""
    ours: Mapping[str, str] = os.environ
    if side.dialect is Dialect.SOCAT:
        found = dict(ours)
    else:
        names = side.value("env").value
        asked = frozenset(names if isinstance(names, tuple) else ())
        found = {
            name: value
            for name, value in ours.items()
            if name in _KEPT or name.startswith(_KEPT_PREFIX) or name in asked
        }
    path = side.text("path").value
    if path:
        found["PATH"] = path
    return found


def session_environment(side: Side, opening: Opening) -> dict[str, str]:
    """Return what tells a child of its session, each name with every prefix of the dialect."""
    pid = str(os.getpid())
    # What a certificate or a packet says was made by the peer, so what we know stands over it.
    facts = {**opening.facts, "PID": pid, "PPID": pid, **_peers(opening)}
    found = {}
    for prefix in _prefixes(side, opening):
        found[f"{prefix}VERSION"] = __version__ if prefix == _OURS else _LANGUAGE
        for name, value in facts.items():
            told = _named(value) if prefix != _OURS and name in _ADDRESSES else value
            found[prefix + name] = printable_only(told)
    return found


def _named(address: str) -> str:
    r"""Return the name of an abstract UNIX socket as the C program writes it: zeros as ``\0``."""
    text = f"\0{address[1:]}" if address.startswith("@") else address
    return text.replace("\0", "\\0")


def _prefixes(side: Side, opening: Opening) -> tuple[str, ...]:
    if side.dialect is Dialect.SOCAT:
        return (f"{opening.program.upper()}_",)
    return ("SOCAT_", _OURS)


def _peers(opening: Opening) -> dict[str, str]:
    """Return the two addresses of a session as the C program writes them."""
    if not opening.local.host:
        return {}
    found = {"SOCKADDR": _host(opening.local), "PEERADDR": _host(opening.peer)}
    if opening.peer.credentials is not None:
        found["PEERADDR"] = opening.facts.get("PEERADDR", "<anon>")
    if opening.local.port:
        found["SOCKPORT"] = str(opening.local.port)
    if opening.peer.port:
        found["PEERPORT"] = str(opening.peer.port)
    return found


def _host(peer: Peer) -> str:
    """Return a host; IPv6 in full form with brackets, ``[0000:...:0001]``."""
    bare = peer.host.partition("%")[0]
    try:
        digits = socket.inet_pton(socket.AF_INET6, bare).hex()
    except (OSError, ValueError):
        return peer.host
    return "[" + ":".join(digits[at : at + 4] for at in range(0, 32, 4)) + "]"


def printable_only(text: str) -> str:
    """Return a text whose characters move no terminal and end no line; others become dots."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "." for char in text)
