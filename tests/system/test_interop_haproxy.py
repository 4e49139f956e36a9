"""HAProxy as TLS client of our listener and as TLS server of our client."""

import pytest

from tests.support.traffic import swap
from tests.support.traffic_peers import haproxy, opens

pytestmark = pytest.mark.needs("haproxy")

_SIZE = 4_000_037


def test_haproxy_as_client(catflap, connect, certificates, taker, free_port, tmp_path):
    """HAProxy proves itself with a certificate and demands ours: four megabytes both ways."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    port = free_port()
    section = (
        f"listen near\n  bind 127.0.0.1:{port}\n"
        f"  server far 127.0.0.1:{service.port} ssl crt {certificates.client}"
        f" ca-file {certificates.ca} verify required verifyhost localhost\n"
    )
    with haproxy(tmp_path, section) as program:
        opens(port, program)
        swap(connect(port), taker.take(), _SIZE)
    opened = service.wait_for("opened")
    assert opened["certificate"]["subject"] == "CN=client"
    assert opened["tls"]["version"] == "TLSv1.3"


def test_haproxy_as_server(catflap, connect, certificates, taker, free_port, tmp_path):
    """A client relay gets through HAProxy's TLS front that demands a certificate."""
    port = free_port()
    section = (
        f"listen front\n  bind 127.0.0.1:{port} ssl crt {certificates.server}"
        f" ca-file {certificates.ca} verify required ssl-min-ver TLSv1.3\n"
        f"  server far 127.0.0.1:{taker.port}\n"
    )
    with haproxy(tmp_path, section) as program:
        opens(port, program)
        service = catflap(
            "TCP-LISTEN:0",
            f"TLS:127.0.0.1:{port},cert={certificates.client},cafile={certificates.ca}",
        )
        swap(connect(service.port), taker.take(), _SIZE)
        service.wait_for("closed", sent=_SIZE, received=_SIZE)
    assert service.wait_for("opened")["far_certificate"]["subject"] == "CN=localhost"
