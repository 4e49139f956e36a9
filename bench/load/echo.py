"""Send back what comes, one thread a connection: the far end of the round trip."""

from __future__ import annotations

import json
import socket
import sys
import threading

__all__ = ("main",)


def main() -> None:
    """Accept and echo until killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    while True:
        accepted, _ = listener.accept()
        threading.Thread(target=_echo, args=(accepted,), daemon=True).start()


def _echo(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = bytearray(65536)
    view = memoryview(buffer)
    with connection:
        try:
            while got := connection.recv_into(buffer):
                connection.sendall(view[:got])
        except ConnectionError:
            return


if __name__ == "__main__":
    main()
