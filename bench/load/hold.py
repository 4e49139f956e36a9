"""Accept connections, send one byte on each and hold them: the far end of idle sessions."""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import sys

__all__ = ("main",)


def main() -> None:
    """Accept, greet and hold until killed; a connection that ends is let go."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.settimeout(0)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                accepted, _ = listener.accept()
                selector.register(accepted, selectors.EVENT_READ)
                with contextlib.suppress(ConnectionError):
                    accepted.send(b".")
            elif isinstance(key.fileobj, socket.socket) and _ended(key.fileobj):
                selector.unregister(key.fileobj)
                key.fileobj.close()


def _ended(connection: socket.socket) -> bool:
    try:
        return not connection.recv(4096)
    except ConnectionError:
        return True


if __name__ == "__main__":
    main()
