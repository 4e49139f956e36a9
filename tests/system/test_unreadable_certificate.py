"""A client's certificate that says something which cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography import x509
from OpenSSL import SSL

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
