"""The leaf certificate of a peer, parsed once however often the peer comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL

from catflap.tls.certificates import UnreadableError, facts_of, why_unreadable
from catflap.tls.failure import HandshakeError

if TYPE_CHECKING:
    from cryptography import x509
    from OpenSSL import crypto

    from catflap.core.nouns import CertificateFacts

__all__ = ("Leaf", "leaf_of", "parsed", "unreadable")

_lib: Any = SSL._lib  # type: ignore[attr-defined] # noqa: SLF001 - no public door gives a digest without a copy
_ffi: Any = SSL._ffi  # type: ignore[attr-defined] # noqa: SLF001
_sha256 = _lib.EVP_get_digestbyname(b"sha256")
_digest = _ffi.new("unsigned char[32]")
_length = _ffi.new("unsigned int *")
_MOST_REMEMBERED = 512
_remembered: dict[bytes, Leaf] = {}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate and what it says."""

    certificate: x509.Certificate
    facts: CertificateFacts

    def check_readable(self) -> None:
        """See that nothing of what a client says of itself was lost in reading.

        Raises:
            HandshakeError: something was.
        """
        why = why_unreadable(self.certificate)
        if why:
            message = f"what the certificate {self.facts.subject!r} says cannot be read: {why}"
            raise HandshakeError("certificate-not-accepted", message, self.facts)


def parsed(wrapped: crypto.X509) -> x509.Certificate:
    """Return a certificate of OpenSSL's as we read it, which is stricter about its DER.

    Raises:
        UnreadableError: it is nothing for us.
    """
    try:
        return wrapped.to_cryptography()
    except Exception as error:
        # A stranger chose what is read here, and whichever failure is a no.
        raise UnreadableError(str(error)) from error


def unreadable(error: UnreadableError) -> HandshakeError:
    """Return the error for a chain of which a certificate cannot be read."""
    message = f"a certificate of the peer's cannot be read: {error}"
    return HandshakeError("certificate-not-accepted", message)


def leaf_of(connection: SSL.Connection) -> Leaf | None:
    """Return the leaf that the peer proved, or that its resumed session carries.

    Raises:
        HandshakeError: it cannot be read, so nobody can say whom it names.
    """
    pointer = _lib.SSL_get_peer_certificate(connection._ssl)  # noqa: SLF001 - see the module
    if pointer == _ffi.NULL:
        return None
    try:
        _lib.X509_digest(pointer, _sha256, _digest, _length)
        key = _ffi.buffer(_digest)[:]
    finally:
        _lib.X509_free(pointer)
    found = _remembered.get(key)
    if found is None:
        wrapped = connection.get_peer_certificate()
        if wrapped is None:
            return None
        try:
            certificate = parsed(wrapped)
            found = Leaf(certificate, facts_of(certificate))
        except UnreadableError as error:
            raise unreadable(error) from error
        if len(_remembered) >= _MOST_REMEMBERED:
            del _remembered[next(iter(_remembered))]
        _remembered[key] = found
    return found
