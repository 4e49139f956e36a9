"""Where metrics may be served: this host alone."""

from __future__ import annotations

from catflap.bridge.side import is_loopback
from catflap.core.errors import UsageError
from catflap.core.spans import printable

__all__ = ("parse_metrics_address",)

_FORM = "unix:PATH, or HOST:PORT on loopback"


def parse_metrics_address(text: str) -> str | tuple[str, int]:
    """Return a path, or a loopback host and its port.

    Raises:
        UsageError: it is neither.
    """
    if text.startswith("unix:") and text[5:]:
        return text[5:]
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isdecimal() or not port.isascii() or int(port) > 65535 or not host:
        raise UsageError(f"metrics: {printable(text)!r} is not {_FORM}")
    host = "127.0.0.1" if host == "localhost" else host
    if not is_loopback(host):
        message = f"metrics: {printable(host)} is not loopback, and metrics tell who talks to whom"
        raise UsageError(message, hint=f"{_FORM}; a bridge of your own brings them further, by TLS")
    return host, int(port)
