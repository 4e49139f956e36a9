"""A TLS client that tries what an honest one would not: for attacking bridges, never for use.

Bytes in, bytes out: it has no socket, so that the caller decides how slowly and from where its
bytes travel. It verifies nothing: an attacker does not care who answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ("Arms", "HostileClient", "Ticket")

_VERSIONS = {
    "TLS1.0": SSL.TLS1_VERSION,
    "TLS1.1": SSL.TLS1_1_VERSION,
    "TLS1.2": SSL.TLS1_2_VERSION,
    "TLS1.3": SSL.TLS1_3_VERSION,
}
_CHUNK = 65_536
_lib: Any = SSL._lib  # type: ignore[attr-defined] # noqa: SLF001 - session_reused has no public door


@dataclass(frozen=True, slots=True)
class Arms:
    """What the client brings.

    Args:
        certificate: the leaf it presents; without one it presents none.
        key: the key of that leaf.
        extra: certificates it sends along.
        version: the only version it speaks, such as ``TLS1.1``; nothing leaves it to the library.
        server_name: the name it asks for by SNI.
    """

    certificate: x509.Certificate | None = None
    key: ec.EllipticCurvePrivateKey | None = None
    extra: tuple[x509.Certificate, ...] = ()
    version: str = ""
    server_name: str = ""


class Ticket:
    """A session to resume, and the context that alone may do so."""

    __slots__ = ("context", "session")

    def __init__(self, context: SSL.Context, session: SSL.Session) -> None:
        """Hold what the library gave."""
        self.context = context
        self.session = session


class HostileClient:
    """One connection.

    Args:
        arms: what it brings.
        ticket: a session of an earlier connection, with the same arms, to resume.
    """

    def __init__(self, arms: Arms, ticket: Ticket | None = None) -> None:
        """Prepare; nothing is sent before :meth:`step`."""
        self._context = ticket.context if ticket is not None else _context(arms)
        self._connection = SSL.Connection(self._context, None)
        self._connection.set_connect_state()
        if arms.server_name:
            self._connection.set_tlsext_host_name(arms.server_name.encode("idna"))
        if ticket is not None:
            self._connection.set_session(ticket.session)
        self._answer = bytearray()
        self.established = False
        self.over = False
        self.alert = ""

    @property
    def answer(self) -> bytes:
        """What the server sent, decrypted."""
        return bytes(self._answer)

    @property
    def resumed(self) -> bool:
        """Whether the server took the ticket."""
        ssl = self._connection._ssl  # noqa: SLF001 - see the module
        return self.established and bool(_lib.SSL_session_reused(ssl))

    def step(self, received: bytes = b"") -> bytes:
        """Take what came from the server and return what is to be sent to it."""
        if received:
            self._connection.bio_write(received)
        try:
            self._advance()
        except SSL.WantReadError:
            pass  # More must come first; what is to be sent waits below.
        except SSL.ZeroReturnError:
            self.over = True
        except SSL.Error as error:
            self.over = True
            self.alert = _alert(error)
        return self._outgoing()

    def _advance(self) -> None:
        if self.over:
            return
        if not self.established:
            self._connection.do_handshake()
            self.established = True
        while True:
            self._answer += self._connection.recv(_CHUNK)

    def _outgoing(self) -> bytes:
        pieces = []
        while True:
            try:
                pieces.append(self._connection.bio_read(_CHUNK))
            except SSL.WantReadError:
                return b"".join(pieces)

    def say(self, plain: bytes) -> bytes:
        """Encrypt ``plain``, after the handshake, and return what is to be sent."""
        self._connection.sendall(plain)
        return self._outgoing()

    def close(self) -> bytes:
        """Return the close_notify, without which OpenSSL would not let the session resume."""
        if self.established and not self.alert:
            self._connection.shutdown()
        return self._outgoing()

    def ticket(self) -> Ticket | None:
        """Return the session for later; TLS 1.3 sends it after the handshake."""
        session = self._connection.get_session() if self.established else None
        return Ticket(self._context, session) if session is not None else None


def _context(arms: Arms) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    if arms.version:
        version = _VERSIONS[arms.version]
        if version < SSL.TLS1_2_VERSION:
            # Level 0 is the only one at which OpenSSL 4 still says TLS 1.1 (SHA-1 signatures).
            context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
    if arms.certificate is not None and arms.key is not None:
        context.use_certificate(arms.certificate)
        context.use_privatekey(arms.key)
        for certificate in arms.extra:
            context.add_extra_chain_cert(certificate)
    context.set_session_cache_mode(SSL.SESS_CACHE_CLIENT | SSL.SESS_CACHE_NO_INTERNAL)
    return context


def _alert(error: SSL.Error) -> str:
    """Return the alert's name (RFC 8446, 6), or the library's words when it was none."""
    reasons = [str(entry[-1]) for entry in (error.args[0] if error.args else ()) if entry]
    for reason in reasons:
        _, found, name = reason.partition("alert ")
        if found:
            return name
    return reasons[-1] if reasons else "the connection broke"
