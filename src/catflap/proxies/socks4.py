"""SOCKS 4 and 4A (the notes of Y. Lee, socks4.protocol and socks4a.protocol)."""

from __future__ import annotations

import ipaddress
import struct
from typing import TYPE_CHECKING

from catflap.proxies.dialogue import ProxyRefusedError, Read, Send

if TYPE_CHECKING:
    from catflap.proxies.dialogue import Dialogue

__all__ = ("socks4_connect",)

_CONNECT = 1
_GRANTED = 90
_WORDS = {
    91: "it refused or failed",
    92: "it cannot reach identd on this host",
    93: "identd on this host names another user",
}
_BY_NAME = b"\0\0\0\1"
_LONGEST = 255


def socks4_connect(
    host: str, port: int, *, user: str = "", by_name: bool = False
) -> Dialogue[None]:
    """Ask a SOCKS 4 server for a connection.

    Args:
        host: an IPv4 address, or a name.
        port: of the target.
        user: is sent readable.
        by_name: let the server look the name up (4A).

    Raises:
        ProxyRefusedError: the server says no, or what is asked cannot be said in SOCKS 4.
    """
    name = b""
    if by_name:
        name = _text(host, "the host") + b"\0"
        address = _BY_NAME
    else:
        try:
            address = ipaddress.IPv4Address(host).packed
        except ValueError:
            raise ProxyRefusedError(
                "SOCKS4 reaches IPv4 addresses only; SOCKS4A takes names"
            ) from None
    yield Send(
        struct.pack("!BBH4s", 4, _CONNECT, port, address) + _text(user, "the user") + b"\0" + name
    )
    answer = yield Read(8)
    version, code = answer[0], answer[1]
    if version != 0:
        raise ProxyRefusedError("what answers is no SOCKS4 server")
    if code != _GRANTED:
        raise ProxyRefusedError(f"the SOCKS server says no: {_WORDS.get(code, f'code {code}')}")


def _text(text: str, what: str) -> bytes:
    data = text.encode()
    if b"\0" in data or len(data) > _LONGEST:
        raise ProxyRefusedError(f"{what} does not fit into SOCKS4")
    return data
