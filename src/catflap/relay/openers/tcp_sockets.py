"""What sockets of TCP have in common, at both ends."""

from __future__ import annotations

import socket

from catflap.core.nouns import Peer

__all__ = ("NEAR_BUFFER", "NODELAY", "peer_of", "reason_of")

NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
NEAR_BUFFER = (socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * 1024)
"""For peers on this host: what waits to be sent stays in the processor's cache.

The kernel would grow the buffer to megabytes, which only helps where the way is long; here one
stream moved at 2.0 GB/s with the kernel's and at 3.9 GB/s with ours (two cores, splice,
2026-11-23).
"""


def peer_of(address: object) -> Peer:
    """Return the peer of an address as the socket module gives it."""
    if isinstance(address, tuple):
        return Peer(address[0], address[1])
    return Peer("unix")


def reason_of(error: OSError) -> str:
    """Return why a call failed, in the kernel's words."""
    return error.strerror or str(error) or "no answer"
