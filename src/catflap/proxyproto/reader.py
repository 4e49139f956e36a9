"""Taking a header off the front of a stream without touching what follows it."""

from __future__ import annotations

from catflap.proxyproto import v1, v2
from catflap.proxyproto.header import Header, ProxyError

__all__ = ("HeaderReader",)

_FIRST = 12
"""Bytes that tell the versions apart; the shortest line of version 1 has fifteen."""
_START_V1 = b"PROXY "


class HeaderReader:
    """Says how many bytes to look at next, and how many of them to take.

    The transport peeks at up to :attr:`wanted` bytes, hands them to :meth:`feed`, and takes off as
    many as that returns. So nothing that follows the header is ever taken.
    """

    __slots__ = ("_data", "_total", "header")

    def __init__(self) -> None:
        """Start with nothing."""
        self._data = b""
        self._total = 0
        self.header: Header | None = None

    @property
    def wanted(self) -> int:
        """How many bytes at most are of use now."""
        if len(self._data) < _FIRST:
            return _FIRST - len(self._data)
        if self._data.startswith(v2.SIGNATURE):
            goal = self._total or v2.FIXED
            return goal - len(self._data)
        return v1.LONGEST - len(self._data)

    def feed(self, data: bytes) -> int:
        """Look at the next bytes of the stream; return how many belong to the header.

        Raises:
            ProxyError: this is no header.
        """
        data = data[: self.wanted]
        if len(self._data) >= _FIRST and self._data.startswith(_START_V1):
            end = data.find(b"\n")
            data = data if end < 0 else data[: end + 1]
        self._data += data
        self._go_on()
        return len(data)

    def _go_on(self) -> None:
        held = self._data
        known = min(len(held), _FIRST)
        if not (v2.SIGNATURE[:known] == held[:known] or _START_V1[:known] == held[: min(known, 6)]):
            raise ProxyError("the connection does not begin with a PROXY header")
        if len(held) < _FIRST:
            return
        if held.startswith(v2.SIGNATURE):
            if len(held) == v2.FIXED and not self._total:
                self._total = v2.FIXED + v2.body_length(held)
            if self._total and len(held) == self._total:
                self.header = v2.decode_v2(held)
        elif held.endswith(b"\n"):
            self.header = v1.decode_v1(held)
        elif len(held) >= v1.LONGEST:
            raise ProxyError("a line of PROXY v1 has at most 107 bytes and ends with CRLF")
