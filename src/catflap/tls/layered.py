"""TLS over anything that carries bytes both ways: a serial line, a terminal, a program, other TLS.

The library works on two buffers in memory; this moves what they hold to and from the carrier.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from catflap.tls.failure import HandshakeError
from catflap.tls.handshake import Wants, handshake_step
from catflap.tls.stream import TlsStream

if TYPE_CHECKING:
    from OpenSSL import SSL

__all__ = ("Layer", "LayerReader", "LayerWriter")

_RECORD = 16_384
_BUFFER = 65_536
_MOST_IN_VAIN = 4
"""Buffers that one read takes from the carrier though no data comes of them."""


class CarrierReader(Protocol):
    """The half of the carrier that bytes come from."""

    descriptor: int
    pollable: bool

    def read_into(self, buffer: memoryview, /) -> int:
        """Read into the buffer; 0 is the end; raises BlockingIOError when nothing is there."""


class CarrierWriter(Protocol):
    """The half of the carrier that bytes go to."""

    descriptor: int
    pollable: bool

    def write(self, data: memoryview | bytes, /) -> int:
        """Write what can be written now; raises BlockingIOError when that is nothing."""


class Layer:
    """One TLS connection over a carrier.

    Args:
        connection: made without a socket.
        reader: half of the carrier; neither blocks.
        writer: the other half.
    """

    def __init__(
        self, connection: SSL.Connection, reader: CarrierReader, writer: CarrierWriter
    ) -> None:
        """Take over; nothing is said yet."""
        self.stream = TlsStream(connection, None)
        self.reader = reader
        self.writer = writer
        self.sated = False
        self._connection = connection
        self._buffer = memoryview(bytearray(_BUFFER))
        self._out = memoryview(b"")
        self._owed = 0

    def handshake_step(self) -> Wants:
        """Go as far as the carrier allows.

        Raises:
            HandshakeError: it failed; the alert that says so was sent where that was possible.
            OSError: the carrier broke.
        """
        while True:
            try:
                wants = handshake_step(self._connection)
            except HandshakeError:
                with contextlib.suppress(OSError):
                    self.flush()
                raise
            if not self.flush():
                return Wants.WRITE
            if wants is Wants.NOTHING:
                return wants
            try:
                self._feed()
            except BlockingIOError:
                return Wants.READ

    def read_into(self, buffer: memoryview) -> int:
        """Decrypt what is there; 0 is close_notify.

        Raises:
            BlockingIOError: no whole record is there yet.
            TruncatedError: the carrier ended without close_notify.
            OSError: it broke.
        """
        in_vain = 0
        while True:
            try:
                count = self.stream.read_into(buffer)
            except BlockingIOError:
                # A peer that sends what holds no data must not keep others waiting: we come back.
                self.sated = in_vain >= _MOST_IN_VAIN
                # An answer that TLS gives by itself, such as to a change of keys.
                self.flush()
                if self.sated:
                    raise
                self._feed()
                in_vain += 1
            else:
                self.sated = True
                return count

    def write(self, data: memoryview | bytes) -> int:
        """Encrypt and write record after record while the carrier takes them whole.

        A record that it took in part counts as not written: it is offered again, and then the rest
        of it is written, not encrypted twice.

        Raises:
            BlockingIOError: the carrier takes nothing now; offer the same bytes again.
            OSError: it broke.
        """
        if not self.flush():
            raise BlockingIOError
        view = memoryview(data)
        total = min(self._owed, len(view))
        self._owed = 0
        while total < len(view):
            count = self.stream.write(view[total : total + _RECORD])
            if not self.flush():
                self._owed = count
                break
            total += count
        if not total and view:
            raise BlockingIOError
        return total

    def end(self) -> None:
        """Send close_notify.

        Raises:
            BlockingIOError: the carrier takes nothing now; end again when it does.
        """
        self.stream.end()
        if not self.flush():
            raise BlockingIOError

    def flush(self) -> bool:
        """Write what the library has to say; return whether all of it is written.

        Raises:
            OSError: the carrier broke.
        """
        while True:
            if not self._out:
                self._out = memoryview(self._pending())
                if not self._out:
                    return True
            try:
                self._out = self._out[self.writer.write(self._out) :]
            except BlockingIOError:
                return False

    def _pending(self) -> bytes:
        from OpenSSL import SSL

        try:
            return self._connection.bio_read(_BUFFER)
        except SSL.WantReadError:
            return b""

    def _feed(self) -> None:
        """Give the library what has come.

        Raises:
            BlockingIOError: nothing has.
        """
        count = self.reader.read_into(self._buffer)
        if count > 0:
            self._connection.bio_write(bytes(self._buffer[:count]))
        else:
            self._connection.bio_shutdown()


class LayerReader:
    """The reading half of a layer."""

    __slots__ = ("_layer", "bare", "boundaries", "closes", "descriptor", "pollable", "read_into")

    def __init__(self, layer: Layer) -> None:
        """Poll the carrier."""
        self._layer = layer
        self.descriptor = layer.reader.descriptor
        self.pollable = layer.reader.pollable
        self.bare = self.boundaries = self.closes = False
        self.read_into = layer.read_into

    def buffered(self) -> bool:
        """Whether more may be read without polling."""
        return self._layer.sated or self._layer.stream.buffered()


class LayerWriter:
    """The writing half of a layer."""

    __slots__ = (
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "end",
        "pollable",
        "write",
    )

    def __init__(self, layer: Layer) -> None:
        """Poll the carrier."""
        self.descriptor = layer.writer.descriptor
        self.pollable = layer.writer.pollable
        self.bare = self.boundaries = self.closes = False
        self.write = layer.write
        self.end = layer.end
