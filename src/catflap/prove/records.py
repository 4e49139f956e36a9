"""TLS records as the network carries them (RFC 8446, 5.1)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("Record", "RecordError", "RecordReader")

_HEADER = 5
_LONGEST = 16_384 + 2_048
"""RFC 5246, 6.2.3; TLS 1.3 allows 256 bytes beyond the plaintext, its forerunners 2,048."""
_KINDS = {
    20: "change cipher spec",
    21: "alert",
    22: "handshake",
    23: "application data",
    24: "heartbeat",
}
_HANDSHAKES = {1: "ClientHello", 2: "ServerHello"}
_VERSIONS = {1: "TLS 1.0", 2: "TLS 1.1", 3: "TLS 1.2", 4: "TLS 1.3"}
_MAJOR = 3


class RecordError(ValueError):
    """The bytes are not TLS records; the message says what was found instead."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Args:
        kind: its content type, 20 to 24.
        minor: second byte of its version; TLS 1.3 writes 3, as TLS 1.2 did, for old middleboxes.
        body: what follows the five bytes of the header.
    """

    kind: int
    minor: int
    body: bytes

    @property
    def name(self) -> str:
        """The type in words; a hello says so, for hellos are in the clear."""
        if self.kind == 22 and self.body and self.body[0] in _HANDSHAKES:
            return _HANDSHAKES[self.body[0]]
        return _KINDS[self.kind]

    @property
    def version(self) -> str:
        """The version that the header claims."""
        return _VERSIONS.get(self.minor, f"3.{self.minor}")

    @property
    def wire(self) -> bytes:
        """Header and body, as they were on the network."""
        return bytes((self.kind, _MAJOR, self.minor)) + len(self.body).to_bytes(2) + self.body


class RecordReader:
    """Cuts one direction of a connection into records, however it was cut on the way."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        """Start with nothing."""
        self._rest = b""

    @property
    def rest(self) -> bytes:
        """Bytes of a record that is not whole yet."""
        return self._rest

    def feed(self, data: bytes) -> list[Record]:
        """Return the records that ``data`` makes whole.

        Raises:
            RecordError: a header is none of TLS.
        """
        data = self._rest + data
        records = []
        at = 0
        while len(data) - at >= _HEADER:
            kind, major, minor = data[at : at + 3]
            length = int.from_bytes(data[at + 3 : at + _HEADER])
            _check(kind, major, length)
            end = at + _HEADER + length
            if end > len(data):
                break
            records.append(Record(kind, minor, data[at + _HEADER : end]))
            at = end
        self._rest = data[at:]
        return records


def _check(kind: int, major: int, length: int) -> None:
    if kind not in _KINDS:
        message = f"content type {kind} is none of TLS"
        raise RecordError(message)
    if major != _MAJOR:
        message = f"version {major}.x is none of TLS"
        raise RecordError(message)
    if length > _LONGEST:
        message = f"a record of {length} bytes is longer than TLS allows"
        raise RecordError(message)
