"""curl with a certificate gets its page through a TLS listener."""

import subprocess
import threading

import pytest

from tests.support.peers import needs

pytestmark = pytest.mark.needs("curl")

_PAGE = b"served\n" * 1000
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(_PAGE)


def _serve(taker, requests: list[bytes]) -> None:
    end = taker.take()
    request = b""
    while b"\r\n\r\n" not in request:
        request += end.receive()
    requests.append(request)
    end.send(_HEAD + _PAGE)
    end.end()


def _curl(port: int, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [needs("curl"), "-sS", "--max-time", "60", *words, f"https://localhost:{port}/page"],
        capture_output=True,
        timeout=90,
        check=False,
    )


def test_with_certificate(catflap, certificates, taker):
    """Mutual TLS from curl: the page comes whole, and the event names the client."""
    service = catflap(
        f"TLS-LISTEN:0,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    requests: list[bytes] = []
    serving = threading.Thread(target=_serve, args=(taker, requests), daemon=True)
    serving.start()
    client = ("--cert", str(certificates.client_certificate), "--key", str(certificates.client_key))
    found = _curl(service.port, *client, "--cacert", str(certificates.ca))
    assert (found.returncode, found.stdout, found.stderr) == (0, _PAGE, b"")
    serving.join(60)
    assert requests[0].startswith(b"GET /page HTTP/1.1\r\n")
    assert service.wait_for("opened")["certificate"]["subject"] == "CN=client"
    assert service.wait_for("closed")["received"] == len(_HEAD + _PAGE)


def test_without_certificate(catflap, certificates, taker):
    """curl without a certificate hears why: the alert reaches it rather than a reset."""
    service = catflap(
        f"TLS-LISTEN:0,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )
    found = _curl(service.port, "--cacert", str(certificates.ca))
    assert found.returncode != 0
    assert b"certificate required" in found.stderr
    assert service.wait_for("handshake-failed")["rule"] == "client-certificate-missing"
    assert taker.is_quiet()
