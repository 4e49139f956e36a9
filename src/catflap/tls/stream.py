"""An established TLS connection as a half to read from and to write to.

The library's functions are called directly, on one shared buffer: pyOpenSSL's own methods
allocate and zero a buffer for every call.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL

from catflap.core.nouns import TlsFacts

if TYPE_CHECKING:
    import socket

__all__ = ("TlsStream", "TruncatedError", "facts_of_connection")

_lib: Any = SSL._lib  # type: ignore[attr-defined] # noqa: SLF001 - the one wrapper of what pyOpenSSL keeps private
_ffi: Any = SSL._ffi  # type: ignore[attr-defined] # noqa: SLF001
_SSL_read = _lib.SSL_read
_SSL_write = _lib.SSL_write
_SSL_pending = _lib.SSL_pending
_SSL_shutdown = _lib.SSL_shutdown
_SSL_get_error = _lib.SSL_get_error
_from_buffer = _ffi.from_buffer
_RECORD = 16_384
_WANTS = frozenset({_lib.SSL_ERROR_WANT_READ, _lib.SSL_ERROR_WANT_WRITE})


class TruncatedError(ConnectionError):
    """The stream stopped without close_notify: it may not be whole (RFC 8446, 6.1)."""


def facts_of_connection(connection: SSL.Connection) -> TlsFacts:
    """Return what the handshake agreed on."""
    return TlsFacts(
        version=connection.get_protocol_version_name(),
        cipher=connection.get_cipher_name() or "",
        group=connection.get_group_name() or "",
        resumed=bool(_lib.SSL_session_reused(connection._ssl)),  # noqa: SLF001 - no public door
        server_name=(connection.get_servername() or b"").decode("ascii", "replace"),
    )


class TlsStream:
    """Both halves of a TLS connection over a non-blocking socket, or over memory.

    ``record`` is how many bytes go into one record at most.
    """

    __slots__ = (
        "_buffer",
        "_connection",
        "_deferred",
        "_ended",
        "_pointer",
        "_ssl",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "has_read",
        "pollable",
        "record",
        "socket",
    )

    def __init__(self, connection: SSL.Connection, sock: socket.socket | None) -> None:
        """Take over an established connection; without a socket it is one over memory."""
        self._connection = connection
        self._ssl = connection._ssl  # noqa: SLF001 - see the module
        if sock is not None:
            # So that one read hands back the turn after a record that holds no data. Else it goes
            # on by itself while more of them come: a peer that sends nothing but changes of keys
            # (RFC 8446, 4.6.3) as fast as it can keeps the loop from everybody else.
            _lib.SSL_clear_mode(self._ssl, _lib.SSL_MODE_AUTO_RETRY)
        self.socket = sock
        self.descriptor = sock.fileno() if sock is not None else -1
        self.pollable = True
        self.bare = False
        self.boundaries = False
        self.closes = True
        self.has_read = False
        self.record = _RECORD
        self._deferred: OSError | None = None
        self._ended = False
        self._buffer: memoryview | None = None
        self._pointer: Any = None

    @property
    def connection(self) -> SSL.Connection:
        """The connection itself."""
        return self._connection

    def buffered(self) -> bool:
        """Whether decrypted bytes, or news of the end, wait inside the library."""
        return self._deferred is not None or _SSL_pending(self._ssl) > 0

    def read_into(self, buffer: memoryview) -> int:
        """Decrypt as many records as are there and fit; 0 is close_notify.

        Raises:
            BlockingIOError: no whole record is there yet.
            TruncatedError: the connection ended without close_notify.
            ConnectionError: it broke.
        """
        if self._deferred is not None:
            return self._ended_by()
        if buffer is not self._buffer:
            self._buffer, self._pointer = buffer, _from_buffer(buffer)
        pointer, size, total = self._pointer, len(buffer), 0
        ssl = self._ssl
        while True:
            count = _SSL_read(ssl, pointer + total, size - total)
            if count <= 0:
                break
            total += count
            if size - total < _RECORD or (count < _RECORD and _SSL_pending(ssl) == 0):
                self.has_read = True
                return int(total)
        self._deferred = self._error(count)
        if total:
            self.has_read = True
            return int(total)
        if self._deferred is None:
            raise BlockingIOError
        return self._ended_by()

    def _ended_by(self) -> int:
        """Return 0 for close_notify; raise anything worse.

        No frame keeps the error in a variable: the two would hold each other, and with them the
        whole session, until the cyclic collector comes by.
        """
        try:
            error, self._deferred = self._deferred, None
            if error is None or isinstance(error, _EndOfStreamError):
                return 0
            raise error
        finally:
            del error

    def _error(self, result: int) -> OSError | None:
        """Return what went wrong, or ``None`` when the call only has to wait."""
        code = _SSL_get_error(self._ssl, result)
        if code in _WANTS:
            return None
        if code == _lib.SSL_ERROR_ZERO_RETURN:
            return _EndOfStreamError()
        if code == _lib.SSL_ERROR_SYSCALL:
            number = _ffi.errno
            _lib.ERR_clear_error()
            if number in {0, errno.EAGAIN}:
                return TruncatedError(errno.ECONNABORTED, "ended without close_notify")
            return _broken(number)
        reason = _last_reason()
        if "unexpected eof" in reason:
            return TruncatedError(errno.ECONNABORTED, "ended without close_notify")
        return ConnectionAbortedError(errno.ECONNABORTED, f"TLS: {reason}")

    def write(self, data: memoryview | bytes) -> int:
        """Encrypt and send record after record while the socket takes them.

        Raises:
            BlockingIOError: the socket takes nothing now; offer the same bytes again.
            ConnectionError: it broke.
        """
        size = len(data)
        pointer = _from_buffer(data)
        ssl = self._ssl
        record = self.record
        total = 0
        while total < size:
            count = _SSL_write(ssl, pointer + total, min(record, size - total))
            if count <= 0:
                break
            total += count
        if total:
            if total < size:
                _lib.ERR_clear_error()
            return total
        try:
            error = self._error(count)
            if error is None:
                raise BlockingIOError
            if isinstance(error, _EndOfStreamError):
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
            raise error
        finally:
            del error  # as in _ended_by

    def end(self) -> None:
        """Send close_notify and keep reading: TLS ends one direction at a time (RFC 8446, 6.1).

        Raises:
            BlockingIOError: the socket takes nothing now; end again when it does.
        """
        if self._ended:
            return
        result = _SSL_shutdown(self._ssl)
        if result < 0:
            waits = _SSL_get_error(self._ssl, result) in _WANTS
            _lib.ERR_clear_error()
            if waits:
                raise BlockingIOError
        self._ended = True


class _EndOfStreamError(OSError):
    """The peer sent close_notify."""


def _broken(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _last_reason() -> str:
    code = _lib.ERR_peek_error()
    text = _lib.ERR_reason_error_string(code)
    _lib.ERR_clear_error()
    return str(_ffi.string(text).decode()) if text != _ffi.NULL else "protocol error"
