"""What one end of a TLS connection was told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("LARGEST_RECORD", "SMALLEST_RECORD", "TLS12_SUITES", "TLS13_SUITES", "TlsSettings")

SMALLEST_RECORD = 512
LARGEST_RECORD = 16_384
"""Bytes of data in a record (RFC 8446, section 5.1, and SSL_CTX_set_max_send_fragment(3))."""

TLS13_SUITES = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
)
"""RFC 8446 suites in the library's order."""

TLS12_SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
"""The six of Mozilla's intermediate profile 6.0 (2026-04-06): forward secrecy and AEAD."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """One end of TLS.

    Args:
        server: whether this end accepts.
        context: names the bridge, so that a ticket of one is worth nothing to another.
        certificate: path of a PEM with the chain, and the key unless ``key`` says where.
        key: path of a PEM with the private key.
        cafile: path of a PEM with the trust anchors.
        capath: hashed directory of trust anchors.
        verifies: whether the peer must prove itself.
        minimum: oldest version, such as ``TLS1.3``; nothing leaves it to the library.
        maximum: newest version.
        ciphers: OpenSSL's list, or nothing for the default of the dialect.
        expects: the name the server must prove; nothing checks no name.
        server_name: the name sent by SNI; nothing sends none.
        system_store: trust the system's anchors when neither cafile nor capath is given.
        strict: our defaults rather than the C program's.
        crls: files and directories of revocation lists; where there is one, no certificate of a
            peer's chain may be revoked, and each authority in it needs a list.
        dh_parameters: path of a PEM with them, for suites of TLS 1.2 that agree by finite-field DH.
        record: most bytes of data in one record that is sent.
        datagrams: DTLS over packets rather than TLS over a stream.
    """

    server: bool
    context: str
    certificate: str = ""
    key: str = ""
    cafile: str = ""
    capath: str = ""
    verifies: bool = True
    minimum: str = "TLS1.3"
    maximum: str = ""
    ciphers: str = ""
    expects: str = ""
    server_name: str = ""
    system_store: bool = False
    strict: bool = True
    crls: tuple[str, ...] = ()
    dh_parameters: str = ""
    record: int = LARGEST_RECORD
    datagrams: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file and directory that it names."""
        own = (self.certificate, self.key, self.dh_parameters)
        named = (*own, self.cafile, self.capath, *self.crls)
        return tuple(dict.fromkeys(path for path in named if path))
