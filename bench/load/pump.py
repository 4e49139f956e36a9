"""Push bytes down some connections for some seconds: ``pump PORT STREAMS SECONDS``."""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import time

__all__ = ("main",)

_CHUNK = 1 << 20


def main() -> None:
    """Connect, push until time is up, close."""
    port, streams, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    block = memoryview(bytes(_CHUNK))
    selector = selectors.DefaultSelector()
    for _ in range(streams):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.settimeout(0)
        selector.register(connection, selectors.EVENT_WRITE, connection)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for key, _ in selector.select(seconds):
            with contextlib.suppress(BlockingIOError):
                key.data.send(block)
    for key in list(selector.get_map().values()):
        key.data.close()


if __name__ == "__main__":
    main()
