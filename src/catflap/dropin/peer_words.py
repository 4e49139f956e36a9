"""Addresses of sockets as the C program writes them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.core.nouns import Peer

__all__ = ("of_peer", "of_text")


def of_peer(peer: Peer) -> str:
    """Return an address as the C program writes it: ``AF=2 127.0.0.1:80``, ``AF=1 "<anon>"``."""
    if peer.credentials is not None or not peer.port:
        name = "<anon>" if peer.host in {"unix", ""} else peer.host
        return f'AF=1 "{name}"'
    return of_text(f"[{peer.host}]:{peer.port}" if ":" in peer.host else f"{peer.host}:{peer.port}")


def of_text(address: str) -> str:
    """Return a written address, ``127.0.0.1:80`` or ``[::1]:80`` or a path, in that form."""
    host, colon, port = address.rpartition(":")
    bare = host.strip("[]").partition("%")[0]
    if not colon or not port.isdecimal():
        return f'AF=1 "{address}"'
    try:
        if ":" not in bare:
            return f"AF=2 {socket.inet_ntoa(socket.inet_pton(socket.AF_INET, bare))}:{port}"
        digits = socket.inet_pton(socket.AF_INET6, bare).hex()
    except OSError:
        return f'AF=1 "{address}"'
    full = ":".join(digits[at : at + 4] for at in range(0, len(digits), 4))
    return f"AF=10 [{full}]:{port}"
