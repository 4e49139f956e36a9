"""Resumption that never widens access.

OpenSSL does not verify a chain again when a session is resumed: an expired client was seen to be
let in. So the carried certificate is judged anew, every time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from OpenSSL import SSL, crypto

from catflap.core import clock
from catflap.tls.certificates import UnreadableError, facts_of
from catflap.tls.failure import HandshakeError, VerifyFailure, verification_error
from catflap.tls.leaf import leaf_of, parsed, unreadable
from catflap.tls.names import name_mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509

    from catflap.core.nouns import CertificateFacts
    from catflap.tls.leaf import Leaf
    from catflap.tls.stream import TlsStream

__all__ = ("ChainJudge", "ClientSessions")

_MOST_REMEMBERED = 4096
_LEAF_AND_ROOT = 2
_TICKET_SECONDS = 600.0


class ChainJudge:
    """Remembers until when the chain of a leaf holds, and verifies it again when it forgot.

    Args:
        context: whose trust anchors and revocation lists count.
        expects: the name that the peer must prove; nothing checks no name.
        by_common_name: whether a common name counts where there is no other.
        lists_until: when the first revocation list is out of date, seconds since the epoch.
        before: the judge in whose place this one comes. It knows the intermediate certificates
            of peers that resumed, for a ticket carries the leaf alone.
    """

    def __init__(
        self,
        context: SSL.Context,
        *,
        expects: str = "",
        by_common_name: bool = False,
        lists_until: float = float("inf"),
        before: ChainJudge | None = None,
    ) -> None:
        """Start with no memory but that of intermediate certificates, which prove nothing."""
        self._store = context.get_cert_store()
        self._expects = expects
        self._by_common_name = by_common_name
        self._lists_until = lists_until
        self._holds_until: dict[str, float] = {}
        self._between: dict[str, tuple[x509.Certificate, ...]] = {}
        if before is not None:
            self.learn(before)

    def learn(self, other: ChainJudge) -> None:
        """Take over which intermediate certificates belong to which leaf."""
        self._between.update(other._between)

    def remember(self, connection: SSL.Connection, leaf: Leaf) -> float:
        """Note, after a full handshake, when the first certificate of the chain expires.

        Returns:
            That moment, in seconds since the epoch.

        Raises:
            HandshakeError: a certificate of the chain cannot be read.
        """
        until = self._holds_until.get(leaf.facts.fingerprint)
        if until is None:
            until = self._note(leaf, connection.get_verified_chain() or [])
        return until

    def _note(self, leaf: Leaf, wrapped: Iterable[crypto.X509]) -> float:
        try:
            chain = [parsed(each) for each in wrapped] or [leaf.certificate]
            until = min(facts_of(each).not_after for each in chain)
        except UnreadableError as error:
            raise unreadable(error) from error
        fingerprint = leaf.facts.fingerprint
        for memory in (self._holds_until, self._between):
            if len(memory) >= _MOST_REMEMBERED:
                del memory[next(iter(memory))]
        self._holds_until[fingerprint] = until
        if len(chain) > _LEAF_AND_ROOT:
            self._between[fingerprint] = tuple(chain[1:-1])
        return until

    def judge_resumed(self, leaf: Leaf | None) -> float:
        """Judge the certificate that a resumed session carries.

        Returns:
            When the first certificate of its chain expires.

        Raises:
            HandshakeError: there is none, it has expired, or its chain no longer holds.
        """
        if leaf is None:
            message = "a resumed session carries no certificate"
            raise HandshakeError("client-certificate-missing", message)
        facts = leaf.facts
        now = clock.now()
        if now > facts.not_after:
            message = f"the certificate {facts.subject!r} has expired since its session began"
            raise HandshakeError("certificate-expired", message, facts)
        if now < facts.not_before:
            message = f"the certificate {facts.subject!r} is not yet valid"
            raise HandshakeError("certificate-not-yet-valid", message, facts)
        until = self._holds_until.get(facts.fingerprint)
        if until is None or now > min(until, self._lists_until):
            until = self.verify(leaf, self._between.get(facts.fingerprint, ()))
        return until

    def judge_live(self, connection: SSL.Connection) -> None:
        """Judge the peer of a connection that lives, after trust has changed.

        Raises:
            HandshakeError: a new connection of this peer would be refused.
        """
        leaf = leaf_of(connection)
        if leaf is None:
            return  # Whether a certificate is asked for is the guard's question.
        if leaf.facts.fingerprint not in self._holds_until:
            # As they came: what a peer sends along proves nothing, and need not be ours to read.
            sent = connection.get_peer_cert_chain()
            known = self._between.get(leaf.facts.fingerprint, ())
            self._verify(leaf, sent or [crypto.X509.from_cryptography(each) for each in known])
        self.check_name(leaf)

    def check_name(self, leaf: Leaf | None) -> None:
        """Check the name that the peer must prove, for a resumed session has no callback.

        Raises:
            HandshakeError: it has another one.
        """
        if self._expects and leaf is not None:
            mismatch = name_mismatch(
                leaf.certificate, self._expects, by_common_name=self._by_common_name
            )
            if mismatch:
                raise HandshakeError("certificate-wrong-name", mismatch, leaf.facts)

    def verify(self, leaf: Leaf, between: Iterable[x509.Certificate]) -> float:
        """Verify a chain anew.

        Args:
            leaf: of the peer.
            between: certificates by which its chain may be built; they prove nothing.

        Returns:
            When the first certificate of the chain expires.

        Raises:
            HandshakeError: the chain does not hold.
        """
        return self._verify(leaf, [crypto.X509.from_cryptography(each) for each in between])

    def _verify(self, leaf: Leaf, between: list[crypto.X509]) -> float:
        if self._store is None:
            message = "a certificate cannot be verified without trust anchors"
            raise HandshakeError("certificate-untrusted", message, leaf.facts)
        wrapped = crypto.X509.from_cryptography(leaf.certificate)
        verification = crypto.X509StoreContext(self._store, wrapped, between)
        try:
            chain = verification.get_verified_chain()
        except crypto.X509StoreContextError as error:
            raise _refusal(error, leaf) from error
        return self._note(leaf, chain)


def _refusal(error: crypto.X509StoreContextError, leaf: Leaf) -> HandshakeError:
    code, depth = (*error.errors, 0, 0)[:2]
    facts: CertificateFacts | None = leaf.facts
    if error.certificate:
        try:
            facts = facts_of(parsed(error.certificate))
        except UnreadableError:
            facts = None
    if not isinstance(code, int) or not isinstance(depth, int):
        return HandshakeError("certificate-untrusted", str(error), leaf.facts)
    found = verification_error(VerifyFailure(code, depth, facts))
    return HandshakeError(found.rule, found.message, leaf.facts)


class ClientSessions:
    """The latest resumable session to one server under one own certificate."""

    __slots__ = ("_session", "_taken_at")

    def __init__(self) -> None:
        """Start with none."""
        self._session: SSL.Session | None = None
        self._taken_at = 0.0

    def offer(self, connection: SSL.Connection) -> None:
        """Let a new connection try to resume."""
        if self._session is not None:
            if clock.monotonic() - self._taken_at > _TICKET_SECONDS:
                self._session = None
            else:
                connection.set_session(self._session)

    def keep(self, stream: TlsStream) -> None:
        """Keep the session of a connection that has read and was shut down properly."""
        if stream.has_read:
            session = stream.connection.get_session()
            if session is not None:
                self._session = session
                self._taken_at = clock.monotonic()

    def forget(self) -> None:
        """Start the next connection with a full handshake."""
        self._session = None
