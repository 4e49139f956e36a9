"""A client's certificate that says something which cannot be read."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from OpenSSL import SSL, crypto

from catflap.core.errors import OperationError
from catflap.tls import certificates
from catflap.tls.certificates import (
    PemError,
    UnreadableError,
    facts_of,
    read_certificates,
    read_key,
    why_unreadable,
)
from catflap.tls.context import make_context
from catflap.tls.failure import HandshakeError
from catflap.tls.handshake import Wants, accepting, connecting, handshake_step
from catflap.tls.leaf import parsed
from catflap.tls.resumption import ClientSessions
from catflap.tls.revocation import parse_lists
from catflap.tls.settings import TlsSettings
from catflap.tls.trust import Trust
from tests.support.certificates import Authority, loosely_encoded
from tests.support.revocation import revocation_list

if TYPE_CHECKING:
    from pathlib import Path

_LATIN = b"\x30\x06\x82\x04\xe4\xf6\xfc\xdf"
"""A subjectAltName with a DNS name that is not of ASCII, which RFC 5280 forbids."""


def test_names_that_cannot_be_read_are_missed() -> None:
    broken = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, _LATIN)
    certificate = Authority("CA").issue("alice", further=[broken]).certificate
    assert why_unreadable(certificate)
    assert facts_of(certificate).dns == ()
    assert not why_unreadable(Authority("CA").issue("alice", ("alice.example",)).certificate)


def test_a_chain_that_no_peer_takes(certificates: Any, tmp_path: Path) -> None:
    """A bundle of authorities in the place of the chain would fail every handshake."""
    path = tmp_path / "bundle.pem"
    path.write_bytes(certificates.server.read_bytes() + certificates.ca.read_bytes() * 300)
    path.chmod(0o600)
    settings = TlsSettings(
        server=True, context="one", certificate=str(path), cafile=str(certificates.ca)
    )
    with pytest.raises(OperationError, match="peers take no more than 100 KiB"):
        Trust(settings)


def test_what_strangers_make_up_is_not_told_whole() -> None:
    """100 KiB of names in a refused certificate are no 100 KiB in each event."""
    names = [f"host-{number}.{'x' * 60}.example" for number in range(1000)]
    facts = facts_of(Authority("CA").issue("a", [*names, f"{'y' * 1000}.example"]).certificate)
    assert len(facts.names()) == 1001
    assert len(facts.shown_names()) == 17
    assert facts.shown_names()[-1] == "and 985 more"
    assert max(map(len, facts.shown_names())) < 300
    unit = x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "u" * 60)
    assert len(certificates._told(x509.Name([unit] * 100))) < 600
    long = facts_of(Authority("CA").issue("b", [f"{'y' * 1000}.example"]).certificate)
    assert len(long.shown_names()[0]) < 300


def test_large_certificates_are_not_remembered() -> None:
    before = set(certificates._remembered)
    names = [f"host-{number}.{'x' * 60}.example" for number in range(300)]
    facts_of(Authority("CA").issue("c", names).certificate)
    assert set(certificates._remembered) == before


def _shake_hands(one: SSL.Connection, other: SSL.Connection) -> None:
    """Do a handshake over memory, both ends in turn."""
    while handshake_step(one) is not Wants.NOTHING:
        with suppress(SSL.WantReadError):
            other.bio_write(one.bio_read(1 << 16))
        one, other = other, one


def test_a_server_that_only_openssl_can_read(certificates: Any, tmp_path: Path) -> None:
    """Nobody can say whom it names, so it is not the one that is meant."""
    leaf = certificates.authority.issue("localhost", ("server.example",))
    path = tmp_path / "odd.pem"
    path.write_bytes(loosely_encoded(leaf, certificates.authority) + leaf.key_pem)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_chain_file(str(path))
    context.use_privatekey_file(str(path))
    settings = TlsSettings(
        server=False, context="one", cafile=str(certificates.ca), expects="server.example"
    )
    server = accepting(context, None)
    client = connecting(make_context(settings).context, None, "", ClientSessions())
    with pytest.raises(HandshakeError, match="cannot be read") as refused:
        _shake_hands(client, server)
    assert refused.value.rule == "certificate-not-accepted"


@pytest.mark.parametrize(
    ("old", "new"), [(b"\x01\x01\xff", b"\x01\x01\x01"), (b"\x02\x01\x02", b"\x02\x01\x22")]
)
def test_whatever_the_reader_dislikes_is_unreadable(old: bytes, new: bytes) -> None:
    """It raises errors of many kinds, a version that there is not among them; one is enough."""
    authority = Authority("CA")
    pem = loosely_encoded(authority.issue("odd"), authority, old, new)
    with pytest.raises(UnreadableError):
        parsed(crypto.load_certificate(crypto.FILETYPE_PEM, pem))


_OF_NO_KNOWN_KIND = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VzBCIEIDo6Ojo6Ojo6Ojo6Ojo6Ojo6Ojo6Ojo6Ojo6Ojo6Ojo6
-----END PRIVATE KEY-----
"""


def test_files_that_the_reader_dislikes_are_told() -> None:
    """Not every error of the library is a ValueError: a reload would end in a defect, not a no."""
    authority = Authority("CA")
    odd = loosely_encoded(authority.issue("odd"), authority, b"\x02\x01\x02", b"\x02\x01\x22")
    with pytest.raises(PemError, match="34 is not a valid X509 version"):
        read_certificates(odd, "file")
    with pytest.raises(PemError, match="Unknown key type"):
        read_key(_OF_NO_KNOWN_KIND, "file")
    revoked = revocation_list(authority, der=True).replace(b"\x02\x01\x01", b"\x02\x01\x05", 1)
    with pytest.raises(PemError, match="5 is not a valid CRL version"):
        parse_lists(revoked, "file")
