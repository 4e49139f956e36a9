"""What proxies and SOCKS servers say, in the words by which people search for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.side import Side

__all__ = ("proxy_lines", "proxy_words")

_STATUS = re.compile(r"the proxy says \d+ (?P<text>.+)")
_HUNG_UP = "the proxy hung up before it had answered"
_SAYS_NO = "the SOCKS server says no: "
_SOCKS4 = {
    "it refused or failed": "socks: connect request rejected or failed",
    "it cannot reach identd on this host": "socks: ident refused by client",
    "identd on this host names another user": "socks: ident failed",
}
_SOCKS5 = {
    "general failure": "1: general SOCKS server failure",
    "its rules do not allow it": "2: connection not allowed by ruleset",
    "the network cannot be reached": "3: network unreachable",
    "the host cannot be reached": "4: host unreachable",
    "connection refused": "5: connection refused",
    "time to live exceeded": "6: TTL expired",
    "it does not know this command": "7: command not supported",
    "it does not know this kind of address": "8: address type not supported",
}
"""Ours, and the code with the words of RFC 1928, section 6."""


def proxy_words(why: str, target: str, side: Side) -> str:
    """Return how a refusal by a proxy is known; nothing for what has no such words.

    Args:
        why: our own words.
        target: host and port that were asked for.
        side: the address with the proxy.
    """
    status = _STATUS.match(why)
    if status is not None:
        return f"CONNECT {target}: {status['text']}"
    name = side.kind.name
    if why == _HUNG_UP:
        if name == "PROXY":
            return "proxy_connect: connection closed by proxy"
        server = "socks5" if name.startswith("SOCKS5") else "socks4"
        return f"read(): EOF during read of socks reply, peer might not be a {server} server"
    if not why.startswith(_SAYS_NO):
        return ""
    reason = why.removeprefix(_SAYS_NO)
    if reason in _SOCKS4 or not name.startswith("SOCKS5"):
        return _SOCKS4.get(reason) or f"socks: undefined status {reason.removeprefix('code ')}"
    return f"SOCKS5 server error {_SOCKS5.get(reason, reason)}"


def proxy_lines(side: Side) -> Iterator[str]:
    """Yield what is told of the way through a proxy, once there is one."""
    name, proxy = side.kind.name, f"{side.host.value}:{side.port.value}"
    target = f"{side.target_host.value}:{side.target_port.value}"
    if name == "PROXY":
        yield f"opening connection to {target} via proxy {proxy}"
        yield f"successfully connected to {target} via proxy {proxy}"
    elif name in {"SOCKS4", "SOCKS4A"}:
        user = side.text("socksuser").value
        as_user = f' as user "{user}"' if user else ""
        yield f"opening connection to {target} via {name.lower()} server {proxy}{as_user}"
        yield f"successfully connected via {name.lower()}"
    elif name == "SOCKS5-CONNECT":
        yield f"successfully connected to {target} via socks5 server {proxy}"
