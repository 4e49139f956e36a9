"""Ports that nobody else uses: from a block of this process's own, below those the kernel gives out.

A port that the kernel chose is free for the one moment in which it is looked at: before a program
listens there, a connection of any other test may get it. So each test process owns a block of
ports that the kernel gives to nobody (ip_local_port_range, ip(7)). It owns it as long as it holds
an abstract UNIX socket that is named after the block; such names belong to the network namespace,
as ports do, and go with the process (unix(7)).
"""

from __future__ import annotations

import errno
import itertools
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("free_port", "refusing_port")

_LEAST = 20_480
_END = 61_440
_BLOCK = 256
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_PLACES = tuple(
    itertools.product((socket.AF_INET, socket.AF_INET6), (socket.SOCK_STREAM, socket.SOCK_DGRAM))
)


def free_port() -> int:
    """Return a port that is free for TCP and UDP on every address, and not given out elsewhere."""
    for port in itertools.islice(_ports, 2 * _BLOCK):
        if all(_is_free(port, family, kind) for family, kind in _PLACES):
            return port
    message = f"all {_BLOCK} ports of this test process are taken"
    raise AssertionError(message)


@contextmanager
def refusing_port() -> Iterator[int]:
    """Yield a TCP port of 127.0.0.1 that refuses connections: it is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def _own_ports() -> Iterator[int]:
    """Yield the ports of our block again and again; they come back late, when they are settled."""
    block = _own_block()
    while True:
        yield from block


def _own_block() -> range:
    # A host may give out all ports there are: then ours are at least not each other's.
    first_of_kernel = int(_RANGE.read_text().split()[0])
    end = first_of_kernel if first_of_kernel >= _LEAST + 16 * _BLOCK else _END
    for start in range(_LEAST, end - _BLOCK + 1, _BLOCK):
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(f"\0catflap-test-ports-{start}")
        except OSError:
            holder.close()
            continue
        # Held by its number until the process ends: nobody is to close it, or to warn of it.
        holder.detach()
        return range(start, start + _BLOCK)
    message = f"no block of ports from {_LEAST} up to {end} is left for tests"
    raise AssertionError(message)


def _is_free(port: int, family: int, kind: int) -> bool:
    try:
        with socket.socket(family, kind) as sock:
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(("", port))
    except OSError as error:
        # Without IPv6 there is no second address that could be taken.
        return error.errno != errno.EADDRINUSE
    return True


_ports = _own_ports()
