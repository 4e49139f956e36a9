"""Who gets in: certificates x identities x sources, over real sockets, each decided and named."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import socket
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import SSL

from tests.support.certificates import Authority
from tests.support.configured import Configured
from tests.support.traffic_servers import EchoServer

_NAMES = (
    "spiffe://acme/billing",
    "billing.ci.acme.example",
    "ann@acme.example",
    "10.7.7.7",
)
# Which list of identities admits the bearer of those names, and which a stranger of the same CA.
_POLICIES = {
    "any": (None, True, True),
    "uri": ("['spiffe://acme/*']", True, False),
    "deep": ("['spiffe://acme/**']", True, False),
    "dns": ("['dns:*.ci.acme.example']", True, False),
    "email": ("['email:*@acme.example']", True, False),
    "ip": ("['ip:10.7.0.0/16']", True, False),
    "cn": ("['cn:billing']", True, False),
    "pin": ("['pin:sha256:{pin}']", True, False),
    "deny": ("['!spiffe://acme/billing', 'spiffe://acme/*', 'spiffe://other/*']", False, True),
    "nobody": ("[]", False, False),
}
_BAD = {
    "none": "client-certificate-missing",
    "self-signed": "certificate-self-signed",
    "other-ca": "certificate-untrusted",
    "expired": "certificate-expired",
    "not-yet": "certificate-not-yet-valid",
    "wrong-usage": "certificate-wrong-purpose",
}
_SOURCES = {"127.0.0.2": True, "127.0.0.3": False}
_CERTIFICATES = ("billing", "stranger", "included", *_BAD)


@pytest.fixture(scope="module")
def credentials(certificates):
    """Return files by the names of the matrix: a leaf with its key, and what else is presented."""
    good = certificates.authority
    billing = good.issue("billing", _NAMES)
    stranger = good.issue("stranger", ("spiffe://other/x", "x.example"))
    day = timedelta(days=1)
    leaves = {
        "billing": [billing],
        "stranger": [stranger],
        # The leaf is a stranger's; a certificate that would be let in only lies beside it.
        "included": [stranger, billing.pem],
        "other-ca": [Authority("Other CA").issue("billing", _NAMES)],
        "expired": [good.issue("billing", _NAMES, starts=-2 * day, ends=-day)],
        "not-yet": [good.issue("billing", _NAMES, starts=day, ends=2 * day)],
        "wrong-usage": [good.issue("billing", _NAMES, usages=(ExtendedKeyUsageOID.SERVER_AUTH,))],
    }
    files = {name: certificates.store(f"m-{name}.pem", *parts) for name, parts in leaves.items()}
    files["self-signed"] = certificates.self_signed
    key = billing.certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return files, base64.b64encode(hashlib.sha256(key).digest()).decode()


@pytest.fixture(scope="module")
def service(certificates, credentials, tmp_path_factory):
    """Return one service with a bridge for every list of identities, all before one echo."""
    with EchoServer() as echo:
        text = "[defaults]\nallow = ['127.0.0.2']\n"
        for name, (identities, _, _) in _POLICIES.items():
            text += (
                f"[bridge.{name}]\nlisten = 'TLS-LISTEN:0,bind=127.0.0.1,"
                f"cert={certificates.server},cafile={certificates.ca}'\n"
                f"connect = 'TCP:127.0.0.1:{echo.port}'\n"
            )
            if identities is not None:
                text += f"identities = {identities.format(pin=credentials[1])}\n"
        started = Configured(tmp_path_factory.mktemp("matrix"), text)
        try:
            yield started
        finally:
            started.close()


def _attempt(port, source, file, used):
    """Return the address that was used, one that was not before, and whether an echo came back."""
    context = SSL.Context(SSL.TLS_METHOD)
    if file is not None:
        context.use_certificate_chain_file(str(file))
        context.use_privatekey_file(str(file))
    with contextlib.ExitStack() as held:
        name = ""
        while not name or name in used:
            sock = held.enter_context(socket.socket())
            sock.bind((source, 0))
            name = f"{source}:{sock.getsockname()[1]}"
        used.add(name)
        connection = SSL.Connection(context, sock)
        connection.set_connect_state()
        with contextlib.suppress(SSL.Error, OSError):
            sock.connect(("127.0.0.1", port))
            connection.do_handshake()
            connection.sendall(b"hello")
            return name, connection.recv(5) == b"hello"
        return name, False


def _expected(policy, certificate, source):
    """Return the event and the rule that it names."""
    _, billing, stranger = _POLICIES[policy]
    if not _SOURCES[source]:
        return "denied", "allow"
    if certificate in _BAD:
        return "handshake-failed", _BAD[certificate]
    if billing if certificate == "billing" else stranger:
        return "opened", "client-certificate" if policy == "any" else "identities"
    return "denied", "identities"


_MATRIX = list(itertools.product(_POLICIES, _CERTIFICATES, _SOURCES))


def test_the_matrix_is_large():
    """A hundred combinations and more."""
    assert len(_MATRIX) >= 100


@pytest.mark.parametrize("policy", _POLICIES)
def test_every_combination_is_decided_and_named(service, credentials, policy):
    """Served or not, and in the log the rule that said so, for this very connection."""
    port, used = service.port_of(policy), set()
    for certificate, source in itertools.product(_CERTIFICATES, _SOURCES):
        event, rule = _expected(policy, certificate, source)
        peer, served = _attempt(port, source, credentials[0].get(certificate), used)
        case = (policy, certificate, source)
        assert served is (event == "opened"), case
        told = service.wait_for(event, bridge=policy, peer=peer)
        assert told["rule"] == rule, case
        if event == "denied":
            assert told["mend"], case
