"""Why a handshake failed, as a rule's slug and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from OpenSSL import SSL

from catflap.core.errors import CatflapError, OperationError

if TYPE_CHECKING:
    from catflap.core.nouns import CertificateFacts

__all__ = (
    "HandshakeError",
    "HandshakeTimeoutError",
    "VerifyFailure",
    "explain_failure",
    "verification_error",
    "verify_text",
)

_VERIFY_RULES = {
    3: "revocation-unknown",
    5: "revocation-unknown",
    8: "revocation-unknown",
    9: "certificate-not-yet-valid",
    10: "certificate-expired",
    11: "revocation-list-expired",
    12: "revocation-list-expired",
    15: "revocation-unknown",
    16: "revocation-unknown",
    18: "certificate-self-signed",
    19: "certificate-untrusted",
    20: "certificate-untrusted",
    21: "certificate-untrusted",
    23: "certificate-revoked",
    26: "certificate-wrong-purpose",
    33: "revocation-unknown",
    35: "revocation-unknown",
    36: "revocation-unknown",
    44: "revocation-unknown",
    54: "revocation-unknown",
    62: "certificate-wrong-name",
}
"""X509_V_ERR_* numbers (openssl/x509_vfy.h) and the rule that speaks for them."""

_REASONS = (
    (
        "peer did not return a certificate",
        "client-certificate-missing",
        "the client presented no certificate",
    ),
    (
        "no certificate returned",
        "client-certificate-missing",
        "the client presented no certificate",
    ),
    ("unsupported protocol", "tls-protocol-version", "no TLS version is common to both ends"),
    ("version too low", "tls-protocol-version", "no TLS version is common to both ends"),
    ("wrong version number", "not-tls", "what came is not TLS"),
    ("http request", "not-tls", "what came is plain HTTP, not TLS"),
    ("https proxy request", "not-tls", "what came is plain HTTP, not TLS"),
    ("packet length too long", "not-tls", "what came is not TLS"),
    ("record layer failure", "not-tls", "what came is not TLS"),
    ("no shared cipher", "tls-no-shared-cipher", "no cipher suite is common to both ends"),
    ("no suitable", "tls-no-shared-group", "no group or signature is common to both ends"),
    ("unexpected eof", "handshake-aborted", "the peer closed during the handshake"),
    ("alert unknown ca", "peer-rejected", "the peer does not trust our certificate's issuer"),
    ("certificate required", "peer-rejected", "the peer demands a client certificate"),
    ("alert protocol version", "tls-protocol-version", "the peer takes no TLS version of ours"),
    ("alert handshake failure", "peer-rejected", "the peer refused the handshake"),
    ("alert certificate expired", "peer-rejected", "the peer says our certificate has expired"),
    ("alert bad certificate", "peer-rejected", "the peer does not accept our certificate"),
    ("alert certificate unknown", "peer-rejected", "the peer does not accept our certificate"),
    ("alert unsupported certificate", "peer-rejected", "the peer does not accept our certificate"),
    ("alert", "peer-rejected", "the peer refused"),
)


@dataclass(frozen=True, slots=True)
class VerifyFailure:
    """What the library held against a certificate; it may be one that we cannot read."""

    code: int
    depth: int
    certificate: CertificateFacts | None
    text: str = ""


class HandshakeError(CatflapError):
    """A handshake did not finish.

    Args:
        rule: the slug that speaks for it.
        certificate: what the peer presented, when it came that far.
    """

    def __init__(
        self, rule: str, message: str, certificate: CertificateFacts | None = None, hint: str = ""
    ) -> None:
        """Keep the rule beside the message."""
        super().__init__(message, hint)
        self.rule = rule
        self.certificate = certificate


class HandshakeTimeoutError(OperationError):
    """The other end did not finish its handshake in time; a moment later it may.

    Args:
        target: who.
        seconds: the limit.
        what: the protocol.
    """

    rule = "handshake-timeout"

    def __init__(self, target: str, seconds: float, what: str = "TLS") -> None:
        """Say who, and which limit it was."""
        message = f"{target} did not finish the {what} handshake within {seconds:g} s"
        super().__init__(message, "handshake-timeout=SECONDS changes the limit")


def verify_text(code: int) -> str:
    """Return the library's words for a verification error."""
    text = SSL._ffi.string(SSL._lib.X509_verify_cert_error_string(code))  # type: ignore[attr-defined] # noqa: SLF001 - no public door
    return str(text.decode())


def explain_failure(error: SSL.Error | OSError, verify: VerifyFailure | None) -> HandshakeError:
    """Return the error that says why the handshake failed."""
    if verify is not None:
        return verification_error(verify)
    if isinstance(error, SSL.SysCallError):
        return HandshakeError("handshake-aborted", "the peer closed during the handshake")
    if isinstance(error, OSError):
        return HandshakeError("handshake-aborted", error.strerror or "the connection broke")
    reasons = [str(entry[-1]) for entry in (error.args[0] if error.args else ()) if entry]
    detail = reasons[-1] if reasons else ""
    for reason in reasons:
        for fragment, rule, words in _REASONS:
            if fragment in reason:
                return HandshakeError(rule, f"{words} ({reason})")
    return HandshakeError("handshake-failed", detail or "the handshake failed")


def verification_error(verify: VerifyFailure) -> HandshakeError:
    """Return the error that says what the library held against a certificate."""
    rule = _VERIFY_RULES.get(verify.code, "certificate-not-accepted")
    who = "the certificate" if verify.depth == 0 else f"an issuer (depth {verify.depth})"
    words = verify.text or verify_text(verify.code)
    facts = verify.certificate
    if facts is None:
        return HandshakeError(rule, f"{who}, which cannot be read: {words}")
    subject = facts.subject or ", ".join(facts.shown_names())
    return HandshakeError(rule, f"{who} {subject!r}: {words}", facts)
