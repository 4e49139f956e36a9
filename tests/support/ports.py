"""Ports that nobody uses at the moment."""

from __future__ import annotations

import socket

__all__ = ("free_port",)


def free_port() -> int:
    """Return a TCP port that is free on 127.0.0.1 and, where there is one, on ::1."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            if _is_free_on_six(port):
                return port


def _is_free_on_six(port: int) -> bool:
    try:
        with socket.socket(socket.AF_INET6) as second:
            second.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            second.bind(("::1", port))
    except OSError as error:
        # Without IPv6 there is no second address that could be taken.
        return "in use" not in str(error)
    return True
