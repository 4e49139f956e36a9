"""Hold many idle sessions open: ``idle PORT [CA CLIENT]``, with the files over mutual TLS.

Each line on stdin is a number: sessions are opened until so many are held, then it is told.
A session counts once the far end's first byte came through the relay. End of input ends all.
"""

from __future__ import annotations

import json
import socket
import ssl  # noqa: TID251 - a client that shares no code with what it measures
import sys

__all__ = ("main",)


def main() -> None:
    """Open as many sessions as asked and keep them."""
    port, *files = sys.argv[1:]
    context = _context(*files) if files else None
    held: list[socket.socket] = []
    for line in sys.stdin:
        while len(held) < int(line):
            held.append(_open(int(port), context))
        sys.stdout.write(json.dumps({"open": len(held)}) + "\n")
        sys.stdout.flush()


def _context(ca: str, client: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(ca)
    context.load_cert_chain(client)
    return context


def _open(port: int, context: ssl.SSLContext | None) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    if context is not None:
        connection = context.wrap_socket(connection, server_hostname="localhost")
    if connection.recv(1) != b".":
        raise ConnectionError("the relay closed the connection")
    return connection


if __name__ == "__main__":
    main()
