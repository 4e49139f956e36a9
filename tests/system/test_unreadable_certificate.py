"""A client's certificate that says something which cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography import x509
from OpenSSL import SSL

from tests.support.certificates import Authority, loosely_encoded
from tests.support.traffic_tls import TlsClient
from tests.system.test_up import bridge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LATIN = b"\x30\x06\x82\x04\xe4\xf6\xfc\xdf"
"""A subjectAltName with a DNS name that is not of ASCII, which RFC 5280 forbids."""


def test_a_list_that_denies_does_not_overlook_them(
    up: Callable[..., Any], certificates: Any, tmp_path: Path
) -> None:
    """What would be denied by a name must not come in because that name cannot be read."""
    broken = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, _LATIN)
    leaf = certificates.authority.issue("alice", further=[broken])
    path = tmp_path / "alice.pem"
    path.write_bytes(leaf.pem + leaf.key_pem)
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    identities = "identities = ['!dns:evil.example', 'cn:alice']"
    service = up(bridge("one", listen, "TCP:127.0.0.1:9", identities))
    try:
        with TlsClient(service.port_of("one"), path) as client:
            assert client.ask(b"let me in") == b""
    except (SSL.Error, ConnectionError):
        pass
    failed = service.wait_for("handshake-failed")
    assert failed["rule"] == "certificate-not-accepted"
    assert "cannot be read" in failed["reason"]


def _refused(port: int, path: Path) -> bool:
    try:
        with TlsClient(port, path) as client:
            return client.ask(b"let me in") == b""
    except (SSL.Error, ConnectionError):
        return True


def test_what_only_openssl_reads_is_refused_and_told(
    catflap: Callable[..., Any], certificates: Any, echo: Any
) -> None:
    """A stranger's, and one that our authority signed: no session, no defect, the next is served.

    The number of its descriptor is free again too: whoever gets it is heard.
    """
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
    )
    stranger = Authority("Stranger")
    signers = (stranger, certificates.authority)
    for number, signer in enumerate(signers):
        leaf = signer.issue("odd")
        path = certificates.store(f"odd{number}.pem", loosely_encoded(leaf, signer), leaf.key_pem)
        assert _refused(service.port, path)
        with TlsClient(service.port, certificates.client) as client:
            assert client.ask(b"next") == b"next"
    for number, rule in enumerate(("certificate-untrusted", "certificate-not-accepted")):
        failed = service.wait_for("handshake-failed", count=number + 1)
        assert failed["rule"] == rule
        assert "cannot be read" in failed["reason"]
    assert not service.find("defect")


def test_nobody_has_lines_written_into_the_log(
    catflap: Callable[..., Any], certificates: Any
) -> None:
    """Of a serial number below zero the library would warn on the standard error by itself."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}", "PIPE"
    )
    stranger = Authority("Stranger")
    leaf = stranger.issue("odd")
    number = leaf.certificate.serial_number
    serial = number.to_bytes(number.bit_length() // 8 + 1)
    odd = loosely_encoded(leaf, stranger, serial, bytes([serial[0] | 0x80]) + serial[1:])
    assert _refused(service.port, certificates.store("negative.pem", odd, leaf.key_pem))
    assert service.wait_for("handshake-failed")["rule"] == "certificate-untrusted"
    assert service.stop() == 0
    assert service.messages == []
