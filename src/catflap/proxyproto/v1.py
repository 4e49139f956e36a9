"""Version 1: one line of text (proxy-protocol.txt, section 2.1)."""

from __future__ import annotations

import ipaddress
import re

from catflap.proxyproto.header import Endpoint, Header, ProxyError, Version

__all__ = ("LONGEST", "decode_v1", "encode_v1")

LONGEST = 107
"""Bytes of the longest line, CRLF included."""

_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_FAMILIES = {"TCP4": 4, "TCP6": 6}
_FIELDS = 6


def decode_v1(line: bytes) -> Header:
    """Return the header of a line with its CRLF.

    Raises:
        ProxyError: it is not written exactly as the specification says.
    """
    if len(line) > LONGEST or not line.endswith(b"\r\n"):
        raise ProxyError("a line of PROXY v1 has at most 107 bytes and ends with CRLF")
    try:
        text = line[:-2].decode("ascii")
    except UnicodeDecodeError:
        raise ProxyError("a line of PROXY v1 is ASCII") from None
    if text == "PROXY UNKNOWN" or text.startswith("PROXY UNKNOWN "):
        return Header(Version.V1)
    words = text.split(" ")
    if len(words) != _FIELDS or words[0] != "PROXY" or words[1] not in _FAMILIES:
        raise ProxyError("expected PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT")
    family = _FAMILIES[words[1]]
    source = Endpoint(_address(words[2], family), _port(words[4]))
    return Header(Version.V1, source, Endpoint(_address(words[3], family), _port(words[5])))


def _address(text: str, family: int) -> str:
    try:
        if family == 4:
            address = str(ipaddress.IPv4Address(text))
            exact = address == text
        else:
            address = str(ipaddress.IPv6Address(text))
            exact = "%" not in text
    except ValueError:
        exact = False
    if not exact:
        raise ProxyError(f"an address is not IPv{family}")
    return address


def _port(text: str) -> int:
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise ProxyError("a port is a decimal number up to 65535")
    return int(text)


def encode_v1(source: Endpoint | None, destination: Endpoint | None) -> bytes:
    """Return the line for a connection; ends that are no internet addresses become UNKNOWN.

    Raises:
        ProxyError: one end is IPv4 and the other IPv6.
    """
    if source is None or destination is None:
        return b"PROXY UNKNOWN\r\n"
    try:
        ends = [ipaddress.ip_address(end.host.partition("%")[0]) for end in (source, destination)]
    except ValueError:
        return b"PROXY UNKNOWN\r\n"
    if ends[0].version != ends[1].version:
        raise ProxyError("PROXY v1 cannot say that IPv4 came to IPv6")
    hosts = f"{ends[0]} {ends[1]}"
    return f"PROXY TCP{ends[0].version} {hosts} {source.port} {destination.port}\r\n".encode()
