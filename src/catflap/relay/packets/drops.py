"""How many packets the kernel dropped because nobody read them in time."""

from __future__ import annotations

import socket
import struct

__all__ = ("dropped",)

# linux/sock_diag.h: SO_MEMINFO gives an array of 32-bit numbers, the ninth counts the drops.
_SO_MEMINFO = 55
_DROPS = 8
_WORDS = 9


def dropped(sock: socket.socket) -> int:
    """Return how many packets this socket has lost since it was made (SO_MEMINFO, Linux 4.12)."""
    try:
        packed = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * _WORDS)
    except OSError:
        return 0
    words = struct.unpack(f"{len(packed) // 4}I", packed)
    return int(words[_DROPS]) if len(words) > _DROPS else 0
