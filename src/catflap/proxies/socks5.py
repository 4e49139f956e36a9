"""SOCKS 5 (RFC 1928) with name and password (RFC 1929), connect and bind.

Lengths that the server sends are single unsigned bytes and are read as such: CVE-2026-56123 was a
signed one.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.proxies.dialogue import ProxyRefusedError, Read, Send

if TYPE_CHECKING:
    from catflap.proxies.dialogue import Dialogue

__all__ = ("socks5_bind", "socks5_bound", "socks5_connect")

_NONE, _PASSWORD, _NO_METHOD = 0, 2, 0xFF
_CONNECT, _BIND = 1, 2
_V4, _NAME, _V6 = 1, 3, 4
_LONGEST = 255
_WORDS = {
    1: "general failure",
    2: "its rules do not allow it",
    3: "the network cannot be reached",
    4: "the host cannot be reached",
    5: "connection refused",
    6: "time to live exceeded",
    7: "it does not know this command",
    8: "it does not know this kind of address",
}


def socks5_connect(
    host: str, port: int, *, user: str = "", password: str = ""
) -> Dialogue[tuple[str, int]]:
    """Ask a SOCKS 5 server for a connection; return the address it uses.

    Args:
        host: an address, or a name that the server looks up.
        port: of the target.
        user: offered with the password when either is given.
        password: is sent readable.

    Raises:
        ProxyRefusedError: the server says no, or what is asked does not fit.
    """
    yield from _greet(user, password)
    yield Send(_request(_CONNECT, host, port))
    return (yield from _reply())


def socks5_bind(
    host: str, port: int, *, user: str = "", password: str = ""
) -> Dialogue[tuple[str, int]]:
    """Ask a SOCKS 5 server to listen; return the address where it does.

    Raises:
        ProxyRefusedError: as above.
    """
    yield from _greet(user, password)
    yield Send(_request(_BIND, host, port))
    return (yield from _reply())


def socks5_bound() -> Dialogue[tuple[str, int]]:
    """Wait for the second reply after a bind; return who has connected.

    Raises:
        ProxyRefusedError: nobody, or the server gave up.
    """
    return (yield from _reply())


def _greet(user: str, password: str) -> Dialogue[None]:
    methods = bytes([_NONE, _PASSWORD]) if user or password else bytes([_NONE])
    yield Send(bytes([5, len(methods)]) + methods)
    version, method = yield Read(2)
    if version != 5:
        raise ProxyRefusedError("what answers is no SOCKS5 server")
    if method == _PASSWORD and len(methods) > 1:
        name, secret = (
            _field(text, what) for text, what in ((user, "user"), (password, "password"))
        )
        yield Send(b"\1" + name + secret)
        _, status = yield Read(2)
        if status != 0:
            raise ProxyRefusedError("the SOCKS server does not take this name and password")
    elif method == _NO_METHOD or method not in methods:
        wants = "" if user or password else "; socksuser= and sockspass= give a name and password"
        raise ProxyRefusedError(f"the SOCKS server takes none of the ways to log in{wants}")


def _field(text: str, what: str) -> bytes:
    data = text.encode()
    if len(data) > _LONGEST:
        raise ProxyRefusedError(f"the {what} is longer than 255 bytes")
    return bytes([len(data)]) + data


def _request(command: int, host: str, port: int) -> bytes:
    try:
        address = ipaddress.ip_address(host)
        kind = _V4 if address.version == 4 else _V6
        where = bytes([kind]) + address.packed
    except ValueError:
        where = bytes([_NAME]) + _field(host, "host")
    return bytes([5, command, 0]) + where + struct.pack("!H", port)


def _reply() -> Dialogue[tuple[str, int]]:
    version, code, _, kind = yield Read(4)
    if version != 5:
        raise ProxyRefusedError("what answers is no SOCKS5 server")
    if code != 0:
        raise ProxyRefusedError(f"the SOCKS server says no: {_WORDS.get(code, f'code {code}')}")
    if kind == _NAME:
        (length,) = yield Read(1)
        host = printable((yield Read(length)).decode("latin-1")) if length else ""
    elif kind in {_V4, _V6}:
        host = str(ipaddress.ip_address((yield Read(4 if kind == _V4 else 16))))
    else:
        raise ProxyRefusedError("the SOCKS server names an address of no known kind")
    (port,) = struct.unpack("!H", (yield Read(2)))
    return host, port
