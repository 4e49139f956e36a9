"""Time round trips of 64 bytes on one connection: ``pingpong PORT SECONDS``.

Answers the median and the 99th percentile in microseconds.
"""

from __future__ import annotations

import json
import socket
import sys
import time

__all__ = ("main",)

_SIZE = 64
_WARM_UP = 200  # round trips not counted: the relay opens its far side, caches fill


def main() -> None:
    """Connect, time round trips until time is up, tell."""
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(_WARM_UP):
            _round_trip(connection)
        times: list[int] = []
        deadline = time.perf_counter() + seconds
        while not times or time.perf_counter() < deadline:
            begin = time.perf_counter_ns()
            _round_trip(connection)
            times.append(time.perf_counter_ns() - begin)
    times.sort()
    answer = {
        "count": len(times),
        "p50": times[len(times) // 2] / 1000,
        "p99": times[len(times) * 99 // 100] / 1000,
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


_PING = bytes(_SIZE)
_BUFFER = bytearray(_SIZE)
_VIEW = memoryview(_BUFFER)


def _round_trip(connection: socket.socket) -> None:
    connection.sendall(_PING)
    got = 0
    while got < _SIZE:
        more = connection.recv_into(_VIEW[got:])
        if not more:
            raise ConnectionError("the relay closed the connection")
        got += more


if __name__ == "__main__":
    main()
