"""Through other addresses: TLS behind proxies, over serial lines and over programs."""

import pytest

from tests.support.proxies import TestProxy
from tests.support.traffic import swap

_SIZE = 1_000_003


@pytest.fixture
def server(catflap, taker, certificates):
    """Return a TLS listener of ours that relays to the taker."""
    return catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}",
        f"TCP:127.0.0.1:{taker.port}",
    )


def client(certificates, port, via):
    """Return the address of a TLS client that goes through another."""
    identity = f"cert={certificates.client},cafile={certificates.ca}"
    return f"TLS:localhost:{port},{identity},via=[{via}]"


@pytest.mark.parametrize(
    "via",
    [
        "SOCKS5:127.0.0.1:{proxy}",
        "PROXY:127.0.0.1,proxyport={proxy},via=[SOCKS4A:127.0.0.1,socksport={proxy}]",
        "EXEC:'socat -t 60 - TCP:127.0.0.1:{port}'",
        "EXEC:'socat -t 60 - TCP:127.0.0.1:{port}',pipes",
        "TCP:127.0.0.1:{port}",
    ],
)
@pytest.mark.needs("socat")
def test_tls_goes_through(catflap, connect, taker, certificates, server, via):
    """The certificate of the far end is proved through whatever carries it, and bytes are whole."""
    with TestProxy() as proxy:
        inner = via.format(proxy=proxy.port, port=server.port)
        near = catflap("TCP-LISTEN:0", client(certificates, server.port, inner))
        swap(connect(near.port), taker.take(), _SIZE)
        assert near.wait_for("opened")["far_certificate"]["subject"] == "CN=localhost"
        assert server.wait_for("opened")["certificate"]["subject"] == "CN=client"


@pytest.mark.needs("socat")
def test_tls_over_a_serial_line(catflap, connect, taker, certificates, server, tmp_path):
    """One catflap talks TLS to a terminal's slave, another one's listener stands behind its master."""
    link = tmp_path / "line"
    catflap(f"PTY,link={link},rawer", f"TCP:127.0.0.1:{server.port}", until="opened")
    near = catflap("TCP-LISTEN:0", client(certificates, 1, f"OPEN:{link},rawer"))
    swap(connect(near.port), taker.take(), 200_000)


def test_who_answers_through_a_proxy_must_be_who_was_asked_for(
    catflap, connect, certificates, server
):
    """The name is that of the target, not the proxy's."""
    with TestProxy() as proxy:
        address = client(certificates, server.port, f"SOCKS4A:127.0.0.1,socksport={proxy.port}")
        near = catflap("TCP-LISTEN:0", address.replace("localhost", "other.test", 1))
        connect(near.port)
        assert "expected other.test" in near.wait_for("connect-failed")["reason"]
        assert not near.find("opened")


def test_an_option_of_a_connection_has_no_place_outside(catflap):
    """What would do nothing is refused, with the place where it would."""
    service = catflap("STDIO", "TCP:h:80,bind=127.0.0.1,via=[SOCKS5:127.0.0.1:1]", until="")
    assert service.wait() == 2
    assert "bind within via" in service.story()
