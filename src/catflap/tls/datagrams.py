"""DTLS: TLS over packets that get lost, come twice or out of order (RFC 6347).

The library works over memory. One packet is handed in at a time, and what it wants to send is
cut into packets by its record headers, so that a packet never holds half a record.
"""

from __future__ import annotations

import errno
import hmac
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from OpenSSL import SSL

from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = (
    "DTLS_VERSIONS",
    "Carrier",
    "Datagrams",
    "Greeter",
    "connecting_datagrams",
    "flights",
    "prepare_datagrams",
    "retransmit_after",
)

DTLS_VERSIONS = {"DTLS1": 0xFEFF, "DTLS1.2": 0xFEFD}
"""Numbers on the wire, which fall as versions rise (RFC 6347, section 4.1)."""

_OPTIONS: int = (SSL.OP_NO_QUERY_MTU or 0) | (SSL.OP_NO_TICKET or 0)
_PACKET_BYTES = 1400
"""What a packet of a handshake holds at most, below the MTU of nearly every way."""

_HEADER = 13
_ROOM = 65_536
_LARGEST = 16_384
_COOKIE_BYTES = 32
_MOST_SHOWN = 1024
"""Who has shown the cookie and whose session did not begin, for want of room perhaps."""


class Carrier(Protocol):
    """What carries the packets of one peer."""

    def take(self) -> bytes:
        """Return the next packet.

        Raises:
            BlockingIOError: there is none.
        """

    def write(self, data: bytes, /) -> int:
        """Send a packet.

        Raises:
            BlockingIOError: none can be sent now.
        """

    def waits(self) -> bool:
        """Whether a packet is there that no poll shows."""


def prepare_datagrams(context: SSL.Context, minimum: str, maximum: str, *, server: bool) -> None:
    """Set up what DTLS has of its own: versions, sizes and, on a server, cookies.

    Sessions are not resumed: each handshake proves the peer in full.
    """
    if minimum:
        context.set_min_proto_version(DTLS_VERSIONS[minimum])
    if maximum:
        context.set_max_proto_version(DTLS_VERSIONS[maximum])
    context.set_options(_OPTIONS)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    if server:
        if SSL.OP_COOKIE_EXCHANGE is None:
            # Without cookies a forged source makes the server talk to somebody else (RFC 6347).
            raise OperationError("this OpenSSL has no DTLS cookies")
        context.set_options(SSL.OP_COOKIE_EXCHANGE)
        secret = secrets.token_bytes(32)

        def bake(connection: SSL.Connection) -> bytes:
            name = connection.get_app_data()
            known = name if isinstance(name, bytes) else b""
            return hmac.digest(secret, known, sha256)[:_COOKIE_BYTES]

        def taste(connection: SSL.Connection, cookie: bytes) -> bool:
            return hmac.compare_digest(bake(connection), cookie)

        context.set_cookie_generate_callback(bake)
        context.set_cookie_verify_callback(taste)


def flights(data: bytes) -> Iterator[bytes]:
    """Yield packets of whole records, as many records in each as fit.

    Args:
        data: records one after the other (RFC 6347, section 4.1); a tail that is none goes along.
    """
    start = end = 0
    while end < len(data):
        head = data[end : end + _HEADER]
        size = _HEADER + int.from_bytes(head[11:13], "big") if len(head) == _HEADER else len(data)
        if end > start and end + size - start > _PACKET_BYTES:
            yield data[start:end]
            start = end
        end += size
    if start < len(data):
        yield data[start:]


def _sent(connection: SSL.Connection, write: Callable[[bytes], int]) -> None:
    """Send what the library has to say; a packet that cannot be sent now is a lost one."""
    while True:
        try:
            data = connection.bio_read(_ROOM)
        except SSL.Error:
            return
        for packet in flights(data):
            try:
                write(packet)
            except (BlockingIOError, ConnectionRefusedError):
                continue


def retransmit_after(connection: SSL.Connection) -> float | None:
    """Return in how many seconds the last flight is to be sent again; ``None`` for never."""
    waits = connection.DTLSv1_get_timeout()
    return None if waits is None else float(waits)


class Greeter:
    """Answers strangers without keeping anything of them, until they show where they are.

    A first ClientHello is answered by a HelloVerifyRequest with a cookie made of the address and
    a secret. Only who got that answer can send the cookie back, so a forged source costs us one
    small packet and no memory, and nobody can be flooded through us (RFC 6347, section 4.2.1).
    """

    def __init__(self) -> None:
        """Nobody has come."""
        self._shown: dict[object, SSL.Connection] = {}

    def greet(self, context: SSL.Context, packet: bytes, address: object) -> bytes | None:
        """Look at a stranger's packet.

        Returns:
            What to answer; nothing for what is no ClientHello; ``None`` when it holds the cookie,
            and :meth:`shown` has the connection to go on with.
        """
        connection = SSL.Connection(context, None)
        connection.set_app_data(repr(address).encode())
        connection.set_accept_state()
        connection.set_ciphertext_mtu(_PACKET_BYTES)
        connection.bio_write(packet)
        try:
            connection.DTLSv1_listen()
        except SSL.WantReadError:
            try:
                return connection.bio_read(_ROOM)
            except SSL.Error:
                return b""
        except SSL.Error:
            return b""
        while len(self._shown) >= _MOST_SHOWN:
            del self._shown[next(iter(self._shown))]
        self._shown[address] = connection
        return None

    def shown(self, address: object) -> SSL.Connection:
        """Return the connection of who has just shown the cookie."""
        return self._shown.pop(address)


def connecting_datagrams(context: SSL.Context, server_name: str) -> SSL.Connection:
    """Return the client's end of a connection to be."""
    connection = SSL.Connection(context, None)
    connection.set_connect_state()
    connection.set_ciphertext_mtu(_PACKET_BYTES)
    if server_name:
        connection.set_tlsext_host_name(server_name.encode("idna"))
    return connection


class Datagrams:
    """Both halves of a DTLS connection over what carries its packets.

    Args:
        connection: over memory.
        carrier: of its packets.
        descriptor: to poll for them, or -1 where they are handed in.
        watch: how to hear of packets that are handed in.
    """

    __slots__ = (
        "_carrier",
        "_ended",
        "_fed",
        "bare",
        "boundaries",
        "closes",
        "connection",
        "descriptor",
        "pollable",
        "watch",
    )

    def __init__(
        self,
        connection: SSL.Connection,
        carrier: Carrier,
        descriptor: int = -1,
        watch: Callable[[Callable[[], None] | None], None] | None = None,
    ) -> None:
        """Take over a connection."""
        self.connection = connection
        self._carrier = carrier
        self._fed = True
        self._ended = False
        self.watch = watch
        self.descriptor = descriptor
        self.pollable = descriptor >= 0
        self.bare = False
        self.closes = descriptor >= 0
        self.boundaries = True

    def flush(self) -> None:
        """Send what the library has to say."""
        _sent(self.connection, self._carrier.write)

    def feed(self) -> None:
        """Hand the next packet to the library.

        Raises:
            BlockingIOError: there is none.
        """
        self.connection.bio_write(self._carrier.take())
        self._fed = True

    def retransmit(self) -> None:
        """Send the last flight again: its answer did not come in time.

        Raises:
            OSError: it was sent as often as the library does.
        """
        try:
            self.connection.DTLSv1_handle_timeout()
        except SSL.Error as error:
            raise OSError(errno.ETIMEDOUT, "the peer did not answer") from error
        self.flush()

    def read_into(self, buffer: memoryview) -> int:
        """Decrypt the next record; -1 is close_notify.

        Raises:
            BlockingIOError: none is there.
            ConnectionError: the peer ended by an alert.
        """
        while True:
            try:
                return self.connection.recv_into(buffer, min(len(buffer), _LARGEST))
            except SSL.ZeroReturnError:
                return -1
            except SSL.WantReadError:
                self._fed = False
                self.flush()
                self.feed()
            except SSL.Error as error:
                words = "the peer ended the DTLS connection by an alert"
                raise ConnectionAbortedError(errno.ECONNABORTED, words) from error

    def buffered(self) -> bool:
        """Whether a record may wait that no poll shows."""
        return self._fed or self._carrier.waits()

    def write(self, data: memoryview | bytes) -> int:
        """Encrypt and send a packet.

        Raises:
            OSError: it is larger than a record may be (EMSGSIZE), or the peer has gone.
        """
        if len(data) > _LARGEST:
            raise OSError(errno.EMSGSIZE, "a DTLS record holds at most 16384 bytes")
        if not data:
            return 0
        try:
            self.connection.send(bytes(data))
        except SSL.ZeroReturnError as error:
            raise BrokenPipeError(errno.EPIPE, "the peer has closed") from error
        except SSL.Error as error:
            raise BrokenPipeError(errno.EPIPE, "the DTLS connection is over") from error
        self.flush()
        return len(data)

    def end(self) -> None:
        """Send close_notify once."""
        if self._ended:
            return
        self._ended = True
        try:
            self.connection.shutdown()
        except SSL.Error:
            return
        finally:
            self.flush()
