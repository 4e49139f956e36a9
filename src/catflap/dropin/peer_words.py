"""Addresses of sockets as the C program writes them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from catflap.address.networks import numeric_host

if TYPE_CHECKING:
    from catflap.core.nouns import Peer

__all__ = ("of_path", "of_peer", "of_text")


def of_peer(peer: Peer) -> str:
    """Return an address as the C program writes it: ``AF=2 127.0.0.1:80``, ``AF=1 "<anon>"``."""
    if peer.credentials is None and not peer.port and numeric_host(peer.host) is not None:
        # A raw socket has addresses without ports, which are 0 then.
        return of_text(f"[{peer.host}]:0" if ":" in peer.host else f"{peer.host}:0")
    if peer.credentials is not None or not peer.port:
        return of_path("" if peer.host == "unix" else peer.host)
    return of_text(f"[{peer.host}]:{peer.port}" if ":" in peer.host else f"{peer.host}:{peer.port}")


def of_path(name: str | bytes) -> str:
    r"""Return the name of a UNIX socket; zeros, with which abstract ones begin, are ``\0``.

    Args:
        name: as getsockname(2) gives it, or with the ``@`` by which abstract ones are told here.
    """
    text = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    text = f"\0{text[1:]}" if text.startswith("@") else text
    shown = text.replace("\0", "\\0")
    return f'AF=1 "{shown or "<anon>"}"'


def of_text(address: str) -> str:
    """Return a written address, ``127.0.0.1:80`` or ``[::1]:80`` or a path, in that form."""
    host, colon, port = address.rpartition(":")
    bare = host.strip("[]").partition("%")[0]
    if not colon or not port.isdecimal():
        return of_path(address)
    try:
        if ":" not in bare:
            return f"AF=2 {socket.inet_ntoa(socket.inet_pton(socket.AF_INET, bare))}:{port}"
        digits = socket.inet_pton(socket.AF_INET6, bare).hex()
    except OSError:
        return of_path(address)
    full = ":".join(digits[at : at + 4] for at in range(0, len(digits), 4))
    return f"AF=10 [{full}]:{port}"
