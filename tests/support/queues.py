"""What waits in a socket unread: packets over loopback come soon, not at once.

The kernel hands them over in a softirq, which a loaded machine puts off; and who is stopped or
stalled leaves them where they are.
"""

from __future__ import annotations

import select
import socket
import struct
from pathlib import Path

from tests.support.waiting import PATIENCE

__all__ = ("await_readable", "held", "held_at")

_SO_MEMINFO = 55  # <asm-generic/socket.h>; the first number is the memory of what was received


def held(sock: socket.socket) -> int:
    """Return the bytes of memory that unread packets of a socket take; 0 when there are none."""
    found = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 36)
    return int(struct.unpack_from("I", found)[0])


def held_at(port: int) -> int:
    """Return the same for all UDP sockets of this host that are bound to a port (proc(5))."""
    rows = (
        line.split()
        for table in ("udp", "udp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    )
    wanted = f":{port:04X}"
    return sum(int(row[4].partition(":")[2], 16) for row in rows if row[1].endswith(wanted))


def await_readable(sock: socket.socket) -> None:
    """Wait until there is something to read, an error included."""
    assert select.select([sock], [], [], PATIENCE)[0], "nothing came"
