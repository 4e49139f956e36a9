"""The real socat at the other end of TLS, as client and as server."""

import pytest

from tests.support.traffic import read_exactly, swap
from tests.support.traffic_peers import Program

pytestmark = pytest.mark.needs("socat")

_SIZE = 4_000_037


def test_socat_client_to_listener(catflap, connect, certificates, taker):
    """socat OPENSSL with a certificate moves four megabytes through a TLS listener, and back."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    address = (
        f"OPENSSL:127.0.0.1:{service.port},cert={certificates.client},cafile={certificates.ca}"
    )
    listen = "TCP-LISTEN:0,bind=127.0.0.1"
    with Program("socat", "-d", "-d", "-t", "60", listen, address) as socat:
        port = int(socat.wait_for(r"listening on AF=2 127\.0\.0\.1:(\d+)")[1])
        swap(connect(port), taker.take(), _SIZE)
    assert service.wait_for("opened")["certificate"]["subject"] == "CN=client"


def test_client_to_socat_listener(catflap, connect, certificates, taker):
    """A client relay moves four megabytes both ways through socat OPENSSL-LISTEN."""
    listen = f"OPENSSL-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    with Program("socat", "-d", "-d", "-t", "60", listen, f"TCP:127.0.0.1:{taker.port}") as socat:
        port = int(socat.wait_for(r"listening on AF=2 127\.0\.0\.1:(\d+)")[1])
        service = catflap(
            "TCP-LISTEN:0",
            f"TLS:127.0.0.1:{port},cert={certificates.client},cafile={certificates.ca}",
        )
        swap(connect(service.port), taker.take(), _SIZE)
        assert service.wait_for("opened")["far_tls"]["version"] == "TLSv1.3"
        service.wait_for("closed", sent=_SIZE, received=_SIZE)


def test_question_and_answer_of_plain_socat(catflap, taker):
    """socat sends a question and its end of file through our relay, and waits for the answer."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{taker.port}")
    with Program("socat", "-t", "60", "-", f"TCP:127.0.0.1:{service.port}") as socat:
        far = taker.take()
        socat.say(b"question")
        socat.end_input()
        assert read_exactly(far, 100) == b"question"
        far.send(b"answer")
        far.end()
        assert socat.wait() == 0
        assert socat.text == "answer"
