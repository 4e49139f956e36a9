"""Swallow bytes as cheaply as can be, and tell how many came and when.

Each connection that carried something is told as one line: bytes, and the monotonic clock
(which all processes share) at its first and its last byte.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass

__all__ = ("main",)

_CHUNK = 1 << 20


@dataclass(slots=True)
class _Count:
    total: int = 0
    first: float = 0.0
    last: float = 0.0


def main() -> None:
    """Accept and swallow until killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    listener.settimeout(0)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    _say({"port": listener.getsockname()[1]})
    # With MSG_TRUNC, TCP drops the bytes in the kernel; the buffer is never written to.
    buffer = bytearray(_CHUNK)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                accepted, _ = listener.accept()
                accepted.settimeout(0)
                selector.register(accepted, selectors.EVENT_READ, _Count())
            elif isinstance(key.fileobj, socket.socket):
                _swallow(selector, key.fileobj, key.data, buffer)


def _swallow(
    selector: selectors.BaseSelector, connection: socket.socket, count: _Count, buffer: bytearray
) -> None:
    try:
        got = connection.recv_into(buffer, _CHUNK, socket.MSG_TRUNC)
    except BlockingIOError:
        return
    except ConnectionError:
        got = 0
    if got:
        count.last = time.monotonic()
        count.first = count.first or count.last
        count.total += got
        return
    selector.unregister(connection)
    connection.close()
    if count.total:
        _say({"bytes": count.total, "first": count.first, "last": count.last})


def _say(answer: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
