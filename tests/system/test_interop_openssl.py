"""openssl s_client and s_server are peers that we understand, and that understand us."""

import pytest

from tests.support.traffic_peers import Program

pytestmark = pytest.mark.needs("openssl")


@pytest.mark.parametrize("version", ["-tls1_3", "-tls1_2"])
def test_s_client_to_listener(catflap, certificates, echo, version):
    """openssl s_client with a certificate is served; TLS 1.2 only where it was asked for."""
    options = ",min-proto-version=TLS1.2" if version == "-tls1_2" else ""
    service = catflap(
        f"TLS-LISTEN:0,cert={certificates.server},cafile={certificates.ca}{options}",
        f"TCP:127.0.0.1:{echo.port}",
    )
    words = ("openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", version, "-quiet")
    trust = ("-CAfile", str(certificates.ca), "-verify_return_error")
    name = ("-verify_hostname", "localhost", "-servername", "localhost")
    with Program(*words, *trust, *name, "-cert", str(certificates.client)) as client:
        client.say(b"question\n")
        client.wait_for("question")
    opened = service.wait_for("opened")
    assert opened["certificate"]["subject"] == "CN=client"
    assert opened["tls"]["version"] == {"-tls1_3": "TLSv1.3", "-tls1_2": "TLSv1.2"}[version]


def test_s_client_of_old_version_is_refused(catflap, certificates, echo):
    """TLS 1.2 is not spoken unless somebody asked for it; the event says why."""
    service = catflap(
        f"TLS-LISTEN:0,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{echo.port}",
    )
    words = ("openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", "-tls1_2")
    with Program(*words, "-cert", str(certificates.client)) as client:
        client.wait_for("alert protocol version")
    assert service.wait_for("handshake-failed")["rule"] == "tls-protocol-version"


@pytest.mark.parametrize("version", ["-tls1_3", "-tls1_2"])
def test_client_to_s_server(catflap, connect, certificates, version):
    """A client relay proves itself to openssl s_server and checks its name."""
    words = ("openssl", "s_server", "-accept", "127.0.0.1:0", version, "-rev", "-Verify", "2")
    files = ("-cert", str(certificates.server), "-CAfile", str(certificates.ca))
    with Program(*words, *files, "-verify_return_error") as server:
        port = int(server.wait_for(r"ACCEPT 127.0.0.1:(\d+)")[1])
        options = ",min-proto-version=TLS1.2" if version == "-tls1_2" else ""
        service = catflap(
            "TCP-LISTEN:0",
            f"TLS:localhost:{port},cert={certificates.client},cafile={certificates.ca}{options}",
        )
        client = connect(service.port)
        client.send(b"question\n")
        assert client.receive() == b"noitseuq\n"
        opened = service.wait_for("opened")
        assert opened["far_certificate"]["subject"] == "CN=localhost"
        assert opened["far_tls"]["version"].replace(".", "_").endswith(version[-3:])
        server.wait_for("CN ?= ?client")
