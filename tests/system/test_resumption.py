"""A TLS ticket never opens what the certificate behind it no longer opens."""

from datetime import UTC, datetime, timedelta

import pytest
from OpenSSL import SSL

from tests.support.revocation import exchange_file
from tests.support.traffic_peers import Program
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import eventually


@pytest.fixture
def listener(catflap, certificates, echo):
    """Return what starts a TLS listener before the echo server."""

    def start(*options: str):
        words = ",".join(
            (
                "TLS-LISTEN:0,bind=127.0.0.1",
                f"cert={certificates.server}",
                f"cafile={certificates.ca}",
                *options,
            )
        )
        return catflap(words, f"TCP:127.0.0.1:{echo.port}")

    return start


def _ticket(port, certificate, newest=""):
    """Return the session of a connection that was served and ended properly."""
    with TlsClient(port, certificate, newest=newest) as client:
        assert client.ask(b"first") == b"first"
        assert not client.resumed
        client.end()
        return client.ticket()


def test_good_ticket_is_resumed(listener, certificates):
    """A client whose certificate still holds comes back without a full handshake."""
    service = listener()
    session = _ticket(service.port, certificates.client)
    with TlsClient(service.port, certificates.client, session) as client:
        assert client.ask(b"again") == b"again"
        assert client.resumed
    opened = service.wait_for("opened", count=2)
    assert opened["tls"]["resumed"] is True
    assert opened["certificate"]["subject"] == "CN=client"
    assert opened["rule"] == "client-certificate"


@pytest.mark.parametrize("newest", ["TLS1.3", "TLS1.2"])
def test_expired_certificate_with_valid_ticket(listener, certificates, echo, newest):
    """A certificate that was good for some seconds does not live on in its ticket."""
    service = listener("min-proto-version=TLS1.2")
    leaf = certificates.authority.issue("brief", ("brief.example",), ends=timedelta(seconds=8))
    path = certificates.store("brief.pem", leaf)
    session = _ticket(service.port, path, newest)
    with TlsClient(service.port, path, session, newest=newest) as client:
        assert client.ask(b"in time") == b"in time"
        assert client.resumed
    service.wait_for("closed", count=2)
    over = leaf.certificate.not_valid_after_utc
    eventually(lambda: datetime.now(UTC) > over, what="the end of the certificate")
    served = echo.accepted
    with TlsClient(service.port, path, session, newest=newest) as client:
        assert client.ask(b"too late") == b""
    failed = service.wait_for("handshake-failed")
    assert failed["rule"] == "certificate-expired"
    assert failed["certificate"]["subject"] == "CN=brief"
    assert echo.accepted == served
    assert len(service.find("opened")) == 2


def test_ticket_of_another_bridge(listener, certificates):
    """A ticket of one bridge is worth nothing to another: a full handshake takes place."""
    first, second = listener(), listener()
    session = _ticket(first.port, certificates.client)
    with TlsClient(second.port, certificates.client, session) as client:
        assert client.ask(b"hello") == b"hello"
        assert not client.resumed
    assert second.wait_for("opened")["tls"]["resumed"] is False


def test_ticket_does_not_replace_a_certificate(listener, certificates, echo):
    """A ticket of one bridge, without a certificate, opens nothing at another."""
    first, second = listener(), listener()
    session = _ticket(first.port, certificates.client)
    served = echo.accepted
    with TlsClient(second.port, None, session) as client:
        assert client.ask(b"hello") == b""
    assert second.wait_for("handshake-failed")["rule"] == "client-certificate-missing"
    assert echo.accepted == served


def test_denied_source_with_valid_ticket(listener, certificates, echo):
    """A ticket that was earned from an allowed address does not admit another address."""
    service = listener("range=[127.0.0.1/32]")
    session = _ticket(service.port, certificates.client)
    served = echo.accepted
    with pytest.raises(SSL.Error):
        TlsClient(service.port, certificates.client, session, source="127.0.0.2")
    denied = service.wait_for("denied")
    assert denied["rule"] == "range"
    assert denied["peer"].startswith("127.0.0.2:")
    assert echo.accepted == served


@pytest.mark.needs("openssl")
def test_ticket_lives_ten_minutes_at_most(listener, certificates):
    """What the server says of a ticket's life is at most ten minutes."""
    service = listener()
    words = ("openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", "-ign_eof")
    files = ("-cert", str(certificates.client), "-CAfile", str(certificates.ca))
    with Program(*words, *files) as program:
        program.say(b"hello\n")
        hint = program.wait_for(r"ticket lifetime hint: (\d+)")
    assert 0 < int(hint[1]) <= 600


def test_client_relay_resumes(pair, connect, echo):
    """Two connections in a row through a client relay: the second is resumed on both sides."""
    client, server = pair("TCP-LISTEN:0", f"TCP:127.0.0.1:{echo.port}")
    for count in (1, 2):
        end = connect(client.port)
        assert end.ask(b"hello") == b"hello"
        end.end()
        assert end.receive() == b""
        client.wait_for("closed", count=count)
    assert [event["far_tls"]["resumed"] for event in client.find("opened")] == [False, True]
    server.wait_for("opened", count=2)
    assert [event["tls"]["resumed"] for event in server.find("opened")] == [False, True]


def test_client_relay_judges_a_resumed_server(catflap, connect, certificates, echo):
    """A server whose certificate expired since the session began is refused by its client."""
    names = ("localhost", "127.0.0.1")
    path = certificates.store("brief-server.pem", certificates.authority.issue("localhost", names))
    server = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={path},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
    )
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{server.port},cert={certificates.client},cafile={certificates.ca}",
    )
    # Only now, for a start may take long.
    leaf = certificates.authority.issue("localhost", names, ends=timedelta(seconds=10))
    exchange_file(path, leaf.pem, leaf.key_pem)
    server.wait_for("reloaded")
    for count in (1, 2):
        end = connect(client.port)
        assert end.ask(b"in time") == b"in time"
        end.end()
        assert end.receive() == b""
        client.wait_for("closed", count=count)
    assert client.find("opened")[-1]["far_tls"]["resumed"] is True
    over = leaf.certificate.not_valid_after_utc
    eventually(lambda: datetime.now(UTC) > over, what="the end of the certificate")
    with pytest.raises(ConnectionError):
        connect(client.port).receive()
    assert client.wait_for("connect-failed")["rule"] == "certificate-expired"


def test_client_relay_survives_a_new_server(catflap, connect, certificates, echo, free_port):
    """A server that was started anew knows no old ticket: a full handshake, and all is well."""
    port = free_port()
    words = (
        f"TLS-LISTEN:{port},bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
    )
    client = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TLS:127.0.0.1:{port},cert={certificates.client},cafile={certificates.ca}",
    )
    for count in (1, 2):
        server = catflap(*words)
        end = connect(client.port)
        assert end.ask(b"hello") == b"hello"
        end.end()
        assert end.receive() == b""
        client.wait_for("closed", count=count)
        server.wait_for("closed")
        assert server.stop() == 0
    assert [event["far_tls"]["resumed"] for event in client.find("opened")] == [False, False]
