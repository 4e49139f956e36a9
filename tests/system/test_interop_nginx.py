"""nginx stream as TLS server of our client and as TLS client of our listener."""

import pytest

from tests.support.traffic import read_exactly
from tests.support.traffic_peers import nginx, opens

pytestmark = pytest.mark.needs("nginx")

_SAID = bytes(range(256)) * 4000


def _talk(near, far) -> None:
    """Move a megabyte each way; nginx's stream passes a half-close on only from 1.21 up."""
    near.send(_SAID)
    assert read_exactly(far, len(_SAID)) == _SAID
    far.send(_SAID[::-1])
    assert read_exactly(near, len(_SAID)) == _SAID[::-1]


def test_nginx_as_server(catflap, connect, certificates, taker, free_port, tmp_path):
    """A client relay gets through nginx's TLS front that demands a certificate."""
    port = free_port()
    server = (
        f"server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.3;"
        f" ssl_certificate {certificates.server}; ssl_certificate_key {certificates.server};"
        f" ssl_client_certificate {certificates.ca}; ssl_verify_client on;"
        f" proxy_pass 127.0.0.1:{taker.port}; }}\n"
    )
    with nginx(tmp_path, server) as program:
        opens(port, program)
        service = catflap(
            "TCP-LISTEN:0",
            f"TLS:127.0.0.1:{port},cert={certificates.client},cafile={certificates.ca}",
        )
        _talk(connect(service.port), taker.take())
    assert service.wait_for("opened")["far_tls"]["version"] == "TLSv1.3"


def test_nginx_as_client(catflap, connect, certificates, taker, free_port, tmp_path):
    """nginx proves itself with a certificate and checks the name of our listener."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    port = free_port()
    server = (
        f"server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{service.port}; proxy_ssl on;"
        f" proxy_ssl_protocols TLSv1.3; proxy_ssl_certificate {certificates.client};"
        f" proxy_ssl_certificate_key {certificates.client};"
        f" proxy_ssl_trusted_certificate {certificates.ca}; proxy_ssl_verify on;"
        " proxy_ssl_name localhost; }\n"
    )
    with nginx(tmp_path, server) as program:
        opens(port, program)
        _talk(connect(port), taker.take())
    assert service.wait_for("opened")["certificate"]["subject"] == "CN=client"
