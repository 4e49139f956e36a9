"""Private keys among the files that a bridge passes on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType, Role
from catflap.rules.telling import known_sides

if TYPE_CHECKING:
    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = ("key_given_away",)

_FILES = frozenset({"OPEN", "GOPEN", "CREATE"})
_KEY = re.compile(
    r"(?:\A|[/._-])(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|[\w.-]*\.(?:key|ppk|p12|pfx|jks|keystore)"
    r"|[\w.-]*(?:priv[\w-]*|key)\.(?:pem|der))\Z",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"pub(?:lic)?(?![a-z])", re.IGNORECASE)
_GOING = frozenset({Role.CONNECT, Role.DATAGRAM})


def key_given_away(bridge: Bridge) -> tuple[Side, Side] | None:
    """Return the file of a private key, and the client that passes it on in plaintext.

    Known by the file's name. Which way it goes does not matter: whoever is between reads it. Behind
    a listener everything is told by the rules about listeners.
    """
    files = (side for side in known_sides(bridge) if side.kind.name in _FILES)
    keys = [side for side in files if _is_key(side.parameter(ParameterType.PATH))]
    ends = (
        side
        for side in known_sides(bridge)
        if side.is_internet
        and side.kind.role in _GOING
        and not side.is_encrypted
        and not side.is_loopback_only
    )
    end = next(ends, None)
    return (keys[0], end) if keys and end is not None else None


def _is_key(path: str) -> bool:
    name = path.rpartition("/")[2]
    return _KEY.search(name) is not None and _PUBLIC.search(name) is None
