"""CONNECT through an HTTP proxy (RFC 9110, section 9.3.6; RFC 7617 for the password)."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.proxies.dialogue import Line, ProxyRefusedError, Send

if TYPE_CHECKING:
    from catflap.proxies.dialogue import Dialogue

__all__ = ("http_connect",)

_LONGEST_LINE = 8192
_MOST_LINES = 200
# One space is the rule (RFC 9112, section 4); some proxies write more, and a reader may take it.
_STATUS = re.compile(rb"HTTP/1\.[0-9] +([0-9]{3})(?: ([^\r\n]*))?\r?\n")
_VERSION = re.compile(r"1\.[0-9]")


def http_connect(
    host: str, port: int, *, credentials: str = "", version: str = "1.0", bare_lf: bool = False
) -> Dialogue[None]:
    """Ask a proxy for a tunnel.

    Args:
        host: of the target, IPv6 without brackets.
        port: of the target.
        credentials: ``NAME:PASSWORD``.
        version: of HTTP, in the request.
        bare_lf: take lines of the answer that end in LF alone (``ignorecr``).

    Raises:
        ProxyRefusedError: the answer is no 2xx, or no HTTP.
        ValueError: the host or version would break the request into two.
    """
    if not _VERSION.fullmatch(version):
        raise ProxyRefusedError(f"HTTP/{printable(version)} is not spoken here")
    shown = f"[{host}]" if ":" in host else host
    if not shown.isascii() or not shown.isprintable() or " " in shown:
        raise ProxyRefusedError(f"{printable(host)} is no name that a proxy takes")
    request = [f"CONNECT {shown}:{port} HTTP/{version}"]
    if version != "1.0":
        request.append(f"Host: {shown}:{port}")
    if credentials:
        token = base64.b64encode(credentials.encode()).decode()
        request.append(f"Proxy-authorization: Basic {token}")
    yield Send("\r\n".join([*request, "", ""]).encode())
    status = yield from _line(bare_lf)
    match = _STATUS.fullmatch(status)
    if match is None:
        raise ProxyRefusedError("what answers is no HTTP proxy")
    for _ in range(_MOST_LINES):
        line = yield from _line(bare_lf)
        if line in {b"\r\n", b"\n"}:
            break
    else:
        raise ProxyRefusedError(f"the proxy's answer has more than {_MOST_LINES} lines")
    if not match[1].startswith(b"2"):
        words = (match[2] or b"").decode("latin-1").strip()
        raise ProxyRefusedError(printable(f"the proxy says {match[1].decode()} {words}".rstrip()))


def _line(bare_lf: bool) -> Dialogue[bytes]:
    line = yield Line(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise ProxyRefusedError(f"the proxy's answer has a line of over {_LONGEST_LINE} bytes")
    if not bare_lf and not line.endswith(b"\r\n"):
        raise ProxyRefusedError("a line of the proxy's answer ends in LF alone (ignorecr takes it)")
    return line
